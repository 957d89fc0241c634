import { RowChangedError } from '../../tables/errors.ts';
import { MAX_CHANGES, type RowKey, type Table } from '../../tables/table.ts';

/** The rows of the table `limitholders`: which processes hold budget, in which partitions of `limits`, and for which calls. */
export type OwnerRow = LeaseRow | IndexRow | JournalRow;

/** One per process, in the partition `owners`; the row key is the owner id. */
export interface LeaseRow extends RowKey {
  partitionKey: typeof OWNERS;
  /** ms, UTC. */
  expiresAtMs: number;
  /** Set by whoever ends the lease of a process that died. */
  dead: boolean;
}

/** In the owner's partition, one per partition of the table `limits` in which it may have slices. Written before the first one. */
export interface IndexRow extends RowKey {
  partition: string;
}

/** In the owner's partition: calls in flight, as JSON (see `HeldCall`). */
export interface JournalRow extends RowKey {
  calls: string;
}

export const OWNERS = 'owners';
export const indexKey = (partition: string): string => `in!${partition}`;
export const journalKey = (page: number): string => `calls!${String(page).padStart(3, '0')}`;

/** What of a call in flight must survive its process (L2). */
export interface HeldCall {
  holdId: string;
  eventId: string;
  category: string;
  resource: string;
  useCaseName: string;
  useCaseId: string;
  userId?: string;
  accountName?: string;
  keyName?: string;
  occurredAtMs: number;
  /** nano-USD, as text. */
  held: string;
  limitIds: string[];
  /** Those of them that set no budget aside, since they only report. Rows of versions without it have none: then it may be any. */
  reporting?: string[];
  /** What it holds of those of them that do not count USD, as text. */
  counts?: Record<string, string>;
  /** Those of them that its event names. */
  limitIdsAtPayi: string[];
}

/** What the table says of an owner. */
export interface OwnerFacts {
  /** Partitions of the table `limits` in which it may have slices. */
  partitions: string[];
  journals: JournalRow[];
  /** Its calls in flight. */
  calls: HeldCall[];
}

export async function readOwner(holders: Table<OwnerRow>, ownerId: string): Promise<OwnerFacts> {
  const rows: OwnerRow[] = [];
  for await (const row of holders.query({ partitionKey: ownerId })) rows.push(row);
  const journals = rows.filter((row): row is JournalRow => 'calls' in row);
  return {
    partitions: rows.flatMap((row) => ('partition' in row ? [row.partition] : [])),
    journals,
    calls: journals.flatMap(({ calls }) => JSON.parse(calls) as HeldCall[]),
  };
}

/** What calls in flight held, by limit, in its unit. `idsOf`: the limits that count. */
export function heldByLimit(
  calls: readonly HeldCall[],
  idsOf = ({ limitIds }: HeldCall): string[] => limitIds,
): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const call of calls) {
    const { held, counts } = call;
    for (const limitId of idsOf(call)) sums.set(limitId, (sums.get(limitId) ?? 0n) + BigInt(counts?.[limitId] ?? held));
  }
  return sums;
}

/** Deletes all rows of an owner, its lease last: until then whoever finds the lease finds the others. */
export async function forgetOwner(holders: Table<OwnerRow>, ownerId: string): Promise<void> {
  const keys: RowKey[] = [];
  for await (const { partitionKey, rowKey } of holders.query({ partitionKey: ownerId })) {
    keys.push({ partitionKey, rowKey });
  }
  for (let at = 0; at < keys.length; at += MAX_CHANGES) {
    const part = keys.slice(at, at + MAX_CHANGES);
    await holders.transact(part.map((key) => ({ kind: 'delete', key }))).catch(async (error: unknown) => {
      // Another process deletes the same rows.
      if (!(error instanceof RowChangedError)) throw error;
      for (const key of part) await holders.remove(key);
    });
  }
  await holders.remove({ partitionKey: OWNERS, rowKey: ownerId });
}
