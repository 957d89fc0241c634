import { odata } from '@azure/data-tables';
import { RowChangedError } from '../../tables/errors.ts';
import { MAX_CHANGES, type RowKey, type Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { dayOf } from '../../util/days.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { parseLimitId, periodEndMs } from '../policies/limit-id.ts';
import type { LimitRow } from './limit-rows.ts';

/** It runs once a day; work that is not begun by then is left to the next run. */
const BEGIN_WITHIN_MS = 180_000;
const DELETES_AT_ONCE = 8;

/**
 * Deletes the rows of periods that ended before `beforeMs` (UTC), of policies that are no more too. Limits without a window
 * stay. @returns how many rows
 */
export async function prunePeriods(table: Table<LimitRow>, beforeMs: number, clock: Clock): Promise<number> {
  const untilMs = clock.now() + BEGIN_WITHIN_MS;
  let removed = 0;
  for (let name = await policyAfter(table, ''); name !== undefined; name = await policyAfter(table, name)) {
    // Of limits that share a partition those of a month come after its days, so they are found a month later.
    const where = odata`PartitionKey ge ${`${name}:0000`} and PartitionKey lt ${`${name}:${dayOf(beforeMs)}`}`;
    let keys: RowKey[] = [];
    for await (const { partitionKey, rowKey } of table.query({ where, select: ['PartitionKey', 'RowKey'] })) {
      if (clock.now() >= untilMs) return removed;
      const { period = 'always' } = parseLimitId(partitionKey) ?? {};
      const endMs = periodEndMs(period);
      if (endMs === null || endMs > beforeMs) continue;
      keys.push({ partitionKey, rowKey });
      if (keys.length < MAX_CHANGES * DELETES_AT_ONCE) continue;
      await removeAll(table, keys);
      removed += keys.length;
      keys = [];
    }
    await removeAll(table, keys);
    removed += keys.length;
  }
  return removed;
}

/** The first policy of the table whose name comes after `name`. */
async function policyAfter(table: Table<LimitRow>, name: string): Promise<string | undefined> {
  // A semicolon follows the colon that ends a name.
  const where = odata`PartitionKey ge ${name === '' ? '' : `${name};`}`;
  for await (const { partitionKey } of table.query({ where, select: ['PartitionKey'] }))
    return partitionKey.split(':')[0];
  return undefined;
}

async function removeAll(table: Table<LimitRow>, keys: RowKey[]): Promise<void> {
  const parts: RowKey[][] = [];
  for (const key of keys) {
    const last = parts.at(-1);
    if (last && last.length < MAX_CHANGES && last[0]?.partitionKey === key.partitionKey) last.push(key);
    else parts.push([key]);
  }
  await inParallel(parts, DELETES_AT_ONCE, async (part) => {
    try {
      await table.transact(part.map((key) => ({ kind: 'delete', key })));
    } catch (error) {
      // Another run deletes the same rows.
      if (!(error instanceof RowChangedError)) throw error;
      for (const key of part) await table.remove(key);
    }
  });
}
