import { odata } from '@azure/data-tables';
import { RowChangedError } from '../tables/errors.ts';
import type { Stored, Table } from '../tables/table.ts';
import type { Sweep, Swept } from '../util/sweep.ts';
import { userKey } from './policies/scope-keys.ts';
import type { LimitRow, StateRow } from './state/limit-rows.ts';

/**
 * Deletes the limits of one user, and of the user within use cases, models and values of properties, of all policies and periods. Those of which a process has budget now stay: they are in use.
 * A later call of the user begins with the whole maximum again.
 * @returns how many limits were deleted @throws TableError
 */
export async function removeUserLimits(
  table: Table<LimitRow>,
  userId: string,
  { from, isOver }: Sweep,
): Promise<Swept> {
  const key = userKey(userId);
  // An exclamation mark ends a key, a colon the first part of one; a semicolon follows them.
  const where = odata`PartitionKey ge ${from} and RowKey ge ${`${key}!`} and RowKey lt ${`${key};`}`;
  let changed = 0;
  let limit: Stored<LimitRow>[] = [];
  for await (const row of table.query({ where })) {
    const [first] = limit;
    if (row.partitionKey !== first?.partitionKey || prefixOf(row) !== prefixOf(first)) {
      if (await removeLimit(table, limit)) changed += 1;
      limit = [];
      if (row.partitionKey !== first?.partitionKey && isOver()) return { next: row.partitionKey, changed };
    }
    limit.push(row);
  }
  if (await removeLimit(table, limit)) changed += 1;
  return { next: undefined, changed };
}

/** What the rows of one limit begin with. */
const prefixOf = ({ rowKey }: LimitRow): string => rowKey.slice(0, rowKey.indexOf('!'));

/** @param rows of one limit @returns false when it is in use, or nothing is there */
async function removeLimit(table: Table<LimitRow>, rows: Stored<LimitRow>[]): Promise<boolean> {
  const key = rows[0] ? prefixOf(rows[0]) : '';
  const state = rows.find(({ rowKey }) => rowKey === `${key}!state`) as Stored<StateRow> | undefined;
  if (!state || state.heldNano > 0n || rows.some(({ rowKey }) => rowKey.startsWith(`${key}!slice!`))) return false;
  try {
    await table.remove(state, state.etag);
  } catch (error) {
    // A call has begun.
    if (error instanceof RowChangedError) return false;
    throw error;
  }
  for (const row of rows) if (row !== state) await table.remove(row);
  return true;
}
