import { type AnyDimension, type Dimension, propertyNameOf } from '../usage-group.ts';
import { type Column, csvOf, decimals } from './csv.ts';
import { sortedBy } from './usage-query.ts';
import type { Percentiles, UsageReport, UsageRow } from './usage-report.ts';

/** The rows as CSV (RFC 4180) with a header. The columns depend on nothing but interval and `groupBy`. */
export const usageCsv = ({ interval, groupBy, rows }: UsageReport): string =>
  csvOf(columnsOf(interval !== 'none', sortedBy(groupBy)), rows);

/** The rows as JSON, one a line. */
export const usageNdjson = ({ rows }: UsageReport): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

type UsageColumn = Column<UsageRow>;

function columnsOf(hasInterval: boolean, groupBy: AnyDimension[]): UsageColumn[] {
  return [
    ...(hasInterval ? [['start', (row) => row.start] satisfies UsageColumn] : []),
    ...groupBy.map((dimension): UsageColumn => [dimension, (row) => groupValue(row, dimension)]),
    ['requests', (row) => row.requests],
    ['succeeded', (row) => row.succeeded],
    ['failed', (row) => row.failed],
    ['aborted', (row) => row.aborted],
    ['abandoned', (row) => row.abandoned],
    ['refused', (row) => row.refused],
    ['inputTokens', (row) => row.tokens.input],
    ['outputTokens', (row) => row.tokens.output],
    ['cacheReadTokens', (row) => row.tokens.cacheRead],
    ['cacheWriteTokens', (row) => row.tokens.cacheWrite],
    ['cacheShare', (row) => row.cacheShare],
    ['estimatedUsd', (row) => decimals(row.estimatedUsd)],
    ['unestimated', (row) => row.unestimated],
    ['payiUsd', (row) => decimals(row.payiUsd)],
    ['payiPriced', (row) => row.payiPriced],
    ...percentileColumns('latency', (row) => row.latencyMs),
    ...percentileColumns('timeToFirstToken', (row) => row.timeToFirstTokenMs),
  ];
}

function groupValue(row: UsageRow, dimension: AnyDimension): string | null | undefined {
  const name = propertyNameOf(dimension);
  return name === undefined ? row[dimension as Dimension] : row.properties?.[name];
}

const percentileColumns = (name: string, of: (row: UsageRow) => Percentiles | null): UsageColumn[] =>
  (['p50', 'p90', 'p95', 'p99'] as const).map((share) => [
    `${name}${share.toUpperCase()}Ms`,
    (row) => of(row)?.[share],
  ]);
