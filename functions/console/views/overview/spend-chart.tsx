import { useMemo } from 'preact/hooks';
import { money } from '../../format/money.ts';
import { seriesOf } from '../../format/series.ts';
import { localTime } from '../../format/times.ts';
import { Chart } from '../../parts/chart/chart.tsx';
import { type Dimension, valueIn } from './groupings.ts';
import type { OverviewData } from './load.ts';
import { type Range, timesOf } from './range.ts';
import type { UsageRow } from './usage.ts';

/** Groups that have a color of their own. */
const MOST = 6;
const asMoney = (usd: number): string => money(usd);

/** Spending by hour or day. A time that is marked is shown alone. */
export function SpendChart({
  data,
  range,
  dimensions,
  onZoom,
}: {
  data: OverviewData;
  range: Range;
  dimensions: readonly Dimension[];
  onZoom: (from: number, to: number) => void;
}) {
  const series = useMemo(
    () =>
      seriesOf(
        data.times.map((row) => ({
          start: row.start ?? '',
          name: data.isDivided ? nameOf(row, dimensions) : 'all calls',
          value: row.estimatedUsd ?? 0,
        })),
        timesOf(range),
        MOST,
      ),
    [data, range, dimensions.join()],
  );
  const label = `Spending by ${range.interval} from ${localTime(range.from)} to ${localTime(range.to)}`;
  return <Chart series={series} label={label} format={asMoney} onZoom={onZoom} />;
}

const nameOf = (row: UsageRow, dimensions: readonly Dimension[]): string =>
  dimensions.map((dimension) => valueIn(row, dimension) ?? 'none').join(' · ');
