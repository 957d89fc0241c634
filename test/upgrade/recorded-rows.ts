import { TableClient, TableServiceClient } from '@azure/data-tables';
import type { RowKey, Value } from '../../shared/tables/table.ts';

/** A row as JSON: 64-bit numbers and times say what they are. */
export type RecordedRow = Record<string, string | number | boolean | { int64: string } | { date: string }>;

const local = { allowInsecureConnection: true };

/** All rows by table, without the prefix of the tables' names. */
export async function readTables(connection: string, prefix: string): Promise<Record<string, RecordedRow[]>> {
  const tables: Record<string, RecordedRow[]> = {};
  for await (const { name = '' } of TableServiceClient.fromConnectionString(connection, local).listTables()) {
    const rows: RecordedRow[] = [];
    for await (const { etag: _, timestamp: __, ...row } of TableClient.fromConnectionString(
      connection,
      name,
      local,
    ).listEntities<Record<string, unknown>>())
      rows.push(Object.fromEntries(Object.entries(row).flatMap(([column, value]) => recorded(column, value))));
    tables[name.slice(prefix.length)] = rows;
  }
  return tables;
}

/** A row as the tables have it. */
export const rowOfRecorded = (row: RecordedRow): RowKey =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]): [string, Value] => {
      if (typeof value !== 'object') return [column, value];
      return [column, 'int64' in value ? BigInt(value.int64) : new Date(value.date)];
    }),
  ) as unknown as RowKey;

function recorded(column: string, value: unknown): [string, RecordedRow[string]][] {
  if (column.startsWith('odata.') || column === 'timestamp') return [];
  if (typeof value === 'bigint') return [[column, { int64: String(value) }]];
  if (value instanceof Date) return [[column, { date: value.toISOString() }]];
  return [[column, value as string | number | boolean]];
}
