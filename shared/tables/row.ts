import type { TableEntity } from '@azure/data-tables';
import type { RowKey, Stored, Value } from './table.ts';

type Column = Value | { type: 'Double'; value: number };

/** A row as the SDK takes it. Numbers beyond 32 bits are doubles: without a type the service would refuse them. */
export function toEntity(row: RowKey): TableEntity {
  const entity: Record<string, Column> = {};
  for (const [name, value] of Object.entries(row) as [string, Value | undefined][]) {
    if (value === undefined || name === 'etag') continue;
    entity[name] = typeof value === 'number' && value !== (value | 0) ? { type: 'Double', value } : value;
  }
  return entity as unknown as TableEntity;
}

/** A row as it was read, without what the service adds to it. */
export function fromEntity<R extends RowKey>(entity: Record<string, unknown>): Stored<R> {
  const row: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entity)) {
    if (name !== 'timestamp' && !name.startsWith('odata.')) row[name] = value;
  }
  return row as unknown as Stored<R>;
}

/** A row as JSON of the service, for a part of a transaction. */
export function toJson(row: RowKey): string {
  const columns: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row) as [string, Value | undefined][]) {
    if (value === undefined || name === 'etag') continue;
    if (name === 'partitionKey') columns['PartitionKey'] = value;
    else if (name === 'rowKey') columns['RowKey'] = value;
    else {
      columns[name] = typeof value === 'bigint' ? value.toString() : value;
      const type = typeOf(value);
      if (type !== undefined) columns[`${name}@odata.type`] = type;
    }
  }
  return JSON.stringify(columns);
}

/** What JSON does not say by itself. */
function typeOf(value: Value): string | undefined {
  if (typeof value === 'bigint') return 'Edm.Int64';
  if (value instanceof Date) return 'Edm.DateTime';
  return typeof value === 'number' && value !== (value | 0) ? 'Edm.Double' : undefined;
}
