import { odata } from '@azure/data-tables';
import { RowChangedError } from '../../tables/errors.ts';
import { MAX_CHANGES, type RowKey, type Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { DAY_MS, dayOf } from '../../util/days.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { parseLimitId } from '../policies/limit-id.ts';
import { always, readPeriod } from '../policies/period.ts';
import type { Policy } from '../policies/policy.ts';
import type { LimitRow } from './limit-rows.ts';

/** It runs once a day; work that is not begun by then is left to the next run. */
const BEGIN_WITHIN_MS = 180_000;
const DELETES_AT_ONCE = 8;
/** Periods of minutes and hours are many: they are kept no longer after their end. */
const SHORT_KEPT_MS = DAY_MS;

/**
 * Deletes the rows of periods that ended before `beforeMs` (UTC), of policies that are no more too. Limits without a window
 * stay. Of `policies` with a window shorter than a day those go that ended a day ago. @returns how many rows
 */
export async function prunePeriods(
  table: Table<LimitRow>,
  policies: readonly Policy[],
  beforeMs: number,
  clock: Clock,
): Promise<number> {
  const untilMs = clock.now() + BEGIN_WITHIN_MS;
  const shortBeforeMs = Math.max(beforeMs, clock.now() - SHORT_KEPT_MS);
  const short = new Set(
    policies.filter(({ window }) => window === 'minute' || window === 'hour').map(({ name }) => name),
  );
  let removed = 0;
  for (let name = await policyAfter(table, ''); name !== undefined; name = await policyAfter(table, name)) {
    // Of limits that share a partition those of a month come after its days, so they are found a month later.
    const last = short.has(name) ? new Date(shortBeforeMs).toISOString().slice(0, 13) : dayOf(beforeMs);
    const where = odata`PartitionKey ge ${`${name}:0000`} and PartitionKey lt ${`${name}:${last}`}`;
    let keys: RowKey[] = [];
    for await (const { partitionKey, rowKey } of table.query({ where, select: ['PartitionKey', 'RowKey'] })) {
      if (clock.now() >= untilMs) return removed;
      const { fromMs, toMs } = readPeriod(parseLimitId(partitionKey)?.period ?? '') ?? always;
      if (toMs > (toMs - fromMs < DAY_MS && short.has(name) ? shortBeforeMs : beforeMs)) continue;
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
