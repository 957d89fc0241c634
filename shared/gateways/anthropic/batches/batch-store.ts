import type { Caller } from '../../../identity/caller.ts';
import type { RowKey, Stored, Table, Tables } from '../../../tables/table.ts';
import { fromColumns, toColumns } from '../../../tables/text-columns.ts';
import { ownerPartition, type ProviderOwner } from '../owner-partition.ts';
import {
  type BatchFacts,
  type BatchRow,
  factColumns,
  OPEN,
  type OpenBatchRow,
  type OwnedBatchRow,
  type RequestPageRow,
} from './batch-rows.ts';
import { fromPages, type KeptRequests } from './request-pages.ts';

/** Batches that callers made, and what metering their results needs. */
export interface BatchStore {
  /** Before anything is held or sent. @param id of the hold, a UUID of version 7 */
  begin(
    id: string,
    owner: ProviderOwner,
    createdMs: number,
    facts: BatchFacts,
    /** Its requests, see `toPages`. */
    requestPages: readonly string[],
  ): Promise<void>;
  /** The provider has taken it under this id. */
  opened(id: string, batchId: string, facts: BatchFacts): Promise<void>;
  open(): AsyncIterable<Stored<OpenBatchRow>>;
  findOpen(id: string): Promise<Stored<OpenBatchRow> | undefined>;
  /** @throws RowChangedError when another process changed it */
  replaceOpen(row: Stored<OpenBatchRow>, change: Partial<OpenBatchRow>): Promise<Stored<OpenBatchRow>>;
  requestsOf(id: string): Promise<KeptRequests>;
  /** It is metered, or nothing of it will ever be known. */
  finish(row: OpenBatchRow, atMs: number): Promise<void>;
  /** It was never made. */
  forget(id: string): Promise<void>;
  /** Undefined where the caller has no such batch. */
  owned(caller: Caller, batchId: string): Promise<OwnedBatchRow | undefined>;
  /** A caller's batches, the newest first. */
  listOwned(caller: Caller): Promise<OwnedBatchRow[]>;
  disown(row: OwnedBatchRow): Promise<void>;
  /** Deletes what was metered and made before then (ms, UTC). @returns how many rows */
  prune(beforeMs: number): Promise<number>;
}

export function createBatchStore(tables: Tables): BatchStore {
  const table = tables.open<BatchRow>('messagebatches');
  const open = table as unknown as Table<OpenBatchRow>;
  const owned = table as unknown as Table<OwnedBatchRow>;
  const pages = table as unknown as Table<RequestPageRow>;

  const own = async (row: OpenBatchRow, meteredMs: number): Promise<void> => {
    if (row.owner === '') return;
    await owned.upsert({
      partitionKey: row.owner,
      rowKey: row.batchId,
      holdId: row.rowKey,
      user: row.user,
      createdMs: row.createdMs,
      meteredMs,
    });
  };
  const pagesOf = async (id: string): Promise<Stored<RequestPageRow>[]> => {
    const found: Stored<RequestPageRow>[] = [];
    for await (const row of pages.query({ partitionKey: id })) found.push(row);
    return found;
  };
  /** The open row last: until then whoever finds it finds the others. */
  const forget = async (id: string): Promise<void> => {
    for (const { partitionKey, rowKey } of await pagesOf(id)) await table.remove({ partitionKey, rowKey });
    await table.remove({ partitionKey: OPEN, rowKey: id });
  };

  return {
    async begin(id, owner, createdMs, facts, requestPages) {
      const base = {
        partitionKey: OPEN,
        rowKey: id,
        ...owner,
        batchId: '',
        createdMs,
        claimedUntilMs: 0,
        runs: 0,
      } as const;
      await open.upsert({ ...base, ...factColumns(facts) });
      for (const [place, text] of requestPages.entries())
        await pages.upsert({
          partitionKey: id,
          rowKey: `requests!${String(place).padStart(4, '0')}`,
          ...toColumns(text),
        });
    },
    async opened(id, batchId, facts) {
      await open.merge({ partitionKey: OPEN, rowKey: id, batchId, ...factColumns(facts) });
      const row = await open.get(OPEN, id);
      if (row) await own(row, 0);
    },
    open: () => open.query({ partitionKey: OPEN }),
    findOpen: (id) => open.get(OPEN, id),
    async replaceOpen({ etag, ...row }, change) {
      const next = { ...row, ...change };
      return { ...next, etag: await open.replace(next, etag) };
    },
    requestsOf: async (id) => fromPages((await pagesOf(id)).map(fromColumns)),
    async finish(row, atMs) {
      if (row.batchId !== '') await own(row, atMs);
      await forget(row.rowKey);
    },
    forget,
    async owned(caller, batchId) {
      return owned.get(ownerPartition(caller), batchId);
    },
    async listOwned(caller) {
      const rows: OwnedBatchRow[] = [];
      for await (const row of owned.query({ partitionKey: ownerPartition(caller) })) rows.push(row);
      return rows.sort((a, b) => b.createdMs - a.createdMs || (a.holdId < b.holdId ? 1 : -1));
    },
    async disown({ partitionKey, rowKey }) {
      await owned.remove({ partitionKey, rowKey });
    },
    async prune(beforeMs) {
      const old: RowKey[] = [];
      for await (const { partitionKey, rowKey, createdMs } of owned.query({ where: 'meteredMs gt 0' }))
        if (createdMs < beforeMs) old.push({ partitionKey, rowKey });
      for (const key of old) await owned.remove(key);
      return old.length;
    },
  };
}
