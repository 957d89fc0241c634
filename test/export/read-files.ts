import { type ExportRow, exportColumns } from '../../shared/export/columns.ts';
import type { ExportStore } from '../../shared/export/export-store.ts';
import { rowsOfParquet } from '../../shared/export/parquet.ts';

/** A row by the names of its columns. */
export type NamedRow = Record<string, ExportRow[number]>;

/** All rows of all files, as another program reads them. */
export async function readFiles(store: Pick<ExportStore, 'list' | 'read'>): Promise<NamedRow[]> {
  const rows: NamedRow[] = [];
  for await (const { name } of store.list()) {
    const bytes = await store.read(name);
    if (!bytes) throw new Error(`${name} is not there.`);
    for await (const row of rowsOfParquet(bytes))
      rows.push(Object.fromEntries(exportColumns.map((column, place) => [column.name, row[place]])));
  }
  return rows;
}

/** Columns by the dimensions of usage. */
export const columnOf: Record<string, string> = {
  user: 'user_id',
  useCase: 'x_UseCase',
  version: 'x_UseCaseVersion',
  step: 'x_Step',
  account: 'SubAccountId',
  key: 'x_AccessKey',
  category: 'x_Category',
  model: 'gen_ai_response_model',
  outcome: 'x_Outcome',
};

export const summedColumns = [
  'x_Requests',
  'BilledCost',
  'x_PayiCost',
  'x_RequestsWithoutPrice',
  'x_PayiPricedRequests',
  'gen_ai_usage_input_tokens',
  'gen_ai_usage_output_tokens',
  'gen_ai_usage_cache_read_input_tokens',
] as const;

/** Sums by one column, without what adds up to nothing. Money is nano-USD. */
export function sumsBy(
  rows: NamedRow[],
  column: string,
): Record<string, Record<(typeof summedColumns)[number], bigint>> {
  const groups: Record<string, Record<string, bigint>> = {};
  for (const row of rows) {
    const value = String(row[column] ?? '');
    const group = groups[value] ?? {};
    groups[value] = group;
    for (const name of summedColumns) group[name] = (group[name] ?? 0n) + BigInt(row[name] ?? 0);
  }
  return Object.fromEntries(Object.entries(groups).filter(([, group]) => group['x_Requests'] !== 0n));
}
