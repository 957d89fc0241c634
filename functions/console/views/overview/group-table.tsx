import { count, duration, percent } from '../../format/numbers.ts';
import { countColumn, usdColumn } from '../../parts/columns.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Usd } from '../../parts/usd.tsx';
import { type Dimension, type Filters, valueIn, wordOf } from './groupings.ts';
import type { OverviewData } from './load.ts';
import type { UsageRow } from './usage.ts';

/** What each group came to. A name can be clicked: then the overview shows that group alone. */
export function GroupTable({
  data,
  dimensions,
  onFilter,
}: {
  data: OverviewData;
  dimensions: readonly Dimension[];
  onFilter: (chosen: Filters) => void;
}) {
  return (
    <Table
      caption={`Usage by ${dimensions.map(wordOf).join(' and ')}`}
      columns={[...dimensions.map((dimension) => groupColumn(dimension, onFilter)), ...figureColumns]}
      rows={data.groups}
      keyOf={(row) => JSON.stringify(dimensions.map((dimension) => valueIn(row, dimension)))}
      order={{ title: 'cost', down: true }}
      more={data.hasMore && <p>The first {count(data.groups.length)} groups by name. Filter to see the others.</p>}
    />
  );
}

const groupColumn = (dimension: Dimension, onFilter: (chosen: Filters) => void): Column<UsageRow> => ({
  title: wordOf(dimension),
  value: (row) => valueIn(row, dimension),
  show: (row) => {
    const value = valueIn(row, dimension);
    if (!value) return <Name text={value} />;
    return (
      <button type="button" class="link" onClick={() => onFilter({ [dimension]: value })}>
        <Name text={value} />
      </button>
    );
  },
});

const percentile = (title: string, value: (row: UsageRow) => number | undefined): Column<UsageRow> => ({
  title,
  value,
  show: (row) => {
    const ms = value(row);
    return ms === undefined ? <span class="muted">–</span> : duration(ms);
  },
  isNumber: true,
});

const figureColumns: Column<UsageRow>[] = [
  usdColumn('cost', (row) => row.estimatedUsd),
  {
    title: 'cost at Pay-i',
    value: (row) => (row.payiPriced === 0 ? null : row.payiUsd),
    show: (row) => (
      <span title={`${count(row.payiPriced)} of ${count(row.requests)} requests have a price of Pay-i`}>
        {row.payiPriced === 0 ? <span class="muted">–</span> : <Usd value={row.payiUsd} />}
      </span>
    ),
    isNumber: true,
  },
  countColumn('requests', (row) => row.requests),
  countColumn('failed', (row) => row.failed),
  countColumn('refused', (row) => row.refused),
  countColumn('tokens in', (row) => row.tokens.input),
  countColumn('tokens out', (row) => row.tokens.output),
  {
    title: 'from the cache',
    value: (row) => row.cacheShare,
    show: (row) => (row.cacheShare === null ? <span class="muted">–</span> : percent(row.cacheShare)),
    isNumber: true,
  },
  percentile('latency p50', (row) => row.latencyMs?.p50),
  percentile('latency p95', (row) => row.latencyMs?.p95),
  percentile('first token p50', (row) => row.timeToFirstTokenMs?.p50),
];
