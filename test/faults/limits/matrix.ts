import { startTables } from '../../../infra/local/tables/src/tables.ts';
import { startTableProxy } from '../table-proxy.ts';
import type { LimitScenario } from './rows.ts';
import { type LimitRowResult, runLimitRow } from './run-row.ts';

export interface LimitMatrixOptions {
  kills: number;
  random: () => number;
  signal: AbortSignal;
  row: (row: LimitRowResult) => void;
  progress: (text: string) => void;
}

/** Runs the scenarios one after the other, all on one Table Storage and each on tables of its own. */
export async function runLimitMatrix(
  scenarios: readonly LimitScenario[],
  { row, progress, ...options }: LimitMatrixOptions,
): Promise<LimitRowResult[]> {
  const sound = await startTables({ port: 0 });
  const tables = await startTableProxy(sound.connectionString, options.random);
  const rows: LimitRowResult[] = [];
  try {
    for (const [place, scenario] of scenarios.entries()) {
      options.signal.throwIfAborted();
      progress(
        `${place + 1} of ${scenarios.length}: ${scenario.fault}, ${scenario.bound} bounds, ${scenario.concurrency} at once over ${scenario.processes} …`,
      );
      const result = await runLimitRow(scenario, { ...options, tables, prefix: `row${place}` });
      rows.push(result);
      row(result);
    }
    return rows;
  } finally {
    await tables.close();
    await sound.close();
  }
}
