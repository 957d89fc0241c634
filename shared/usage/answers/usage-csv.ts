import type { Dimension } from '../usage-group.ts';
import { sortedBy } from './usage-query.ts';
import type { Percentiles, UsageReport, UsageRow } from './usage-report.ts';

/** The rows as CSV (RFC 4180) with a header. The columns depend on nothing but interval and `groupBy`. */
export function usageCsv({ interval, groupBy, rows }: UsageReport): string {
  const columns = columnsOf(interval !== 'none', sortedBy(groupBy));
  const lines = rows.map((row) => columns.map(([, valueOfRow]) => field(valueOfRow(row))).join(','));
  return [columns.map(([name]) => name).join(','), ...lines, ''].join('\r\n');
}

/** The rows as JSON, one a line. */
export const usageNdjson = ({ rows }: UsageReport): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

type Cell = string | number | null | undefined;
type Column = [name: string, valueOfRow: (row: UsageRow) => Cell];

function columnsOf(hasInterval: boolean, groupBy: Dimension[]): Column[] {
  return [
    ...(hasInterval ? [['start', (row) => row.start] satisfies Column] : []),
    ...groupBy.map((dimension): Column => [dimension, (row) => row[dimension]]),
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

const percentileColumns = (name: string, of: (row: UsageRow) => Percentiles | null): Column[] =>
  (['p50', 'p90', 'p95', 'p99'] as const).map((share) => [
    `${name}${share.toUpperCase()}Ms`,
    (row) => of(row)?.[share],
  ]);

/** Without an exponent; nano-USD are the smallest. */
const decimals = (usd: number): string => usd.toFixed(9).replace(/\.?0+$/, '');

/** A text that a spreadsheet would run as a formula gets an apostrophe. */
function field(cell: Cell): string {
  if (typeof cell !== 'string') return cell?.toString() ?? '';
  const text = /^[=+\-@\t\r]/.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
