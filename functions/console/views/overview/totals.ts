import type { UsageRow } from './usage.ts';

export interface Totals {
  usd: number;
  unestimated: number;
  requests: number;
  failed: number;
  aborted: number;
  refused: number;
  input: number;
  output: number;
  cacheRead: number;
}

/** What rows of usage come to together. */
export function totalsOf(rows: readonly Pick<UsageRow, keyof UsageRow>[]): Totals {
  const sum = (of: (row: UsageRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return {
    usd: sum((row) => row.estimatedUsd ?? 0),
    unestimated: sum((row) => row.unestimated),
    requests: sum((row) => row.requests),
    failed: sum((row) => row.failed),
    aborted: sum((row) => row.aborted),
    refused: sum((row) => row.refused),
    input: sum((row) => row.tokens.input),
    output: sum((row) => row.tokens.output),
    cacheRead: sum((row) => row.tokens.cacheRead),
  };
}
