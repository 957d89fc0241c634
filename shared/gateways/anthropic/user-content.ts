import { odata } from '@azure/data-tables';
import type { Settings } from '../../config/settings.ts';
import { RowChangedError } from '../../tables/errors.ts';
import type { Stored, Table, Tables } from '../../tables/table.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Sweep, Swept } from '../../util/sweep.ts';
import type { UserRename } from '../../util/user-rename.ts';
import { createBatchProvider } from './batches/batch-provider.ts';
import { factColumns, factsOf, OPEN, type OpenBatchRow, type OwnedBatchRow } from './batches/batch-rows.ts';
import type { FileOwnerRow } from './files/file-owners.ts';
import { changeAtProvider } from './own-requests.ts';
import { ownerDigest } from './owner-partition.ts';

/** A batch or file that a user has at the provider. */
export interface UserContentItem {
  kind: 'batch' | 'file';
  /** The provider's id. */
  id: string;
  /** ms, UTC. */
  createdMs: number;
}

/** What users have at the provider through this gateway, in whatever account. */
export interface UserContent {
  /** Reads whole tables. @throws TableError */
  ofUser(userId: string): AsyncIterable<UserContentItem>;
  /**
   * Deletes files and batches that were made before a time, at the provider too. Batches that run are cancelled, lose the name, and are
   * deleted once they are metered. What the provider refuses to delete stays, with a line in the log.
   * @throws TableError, TrailmeterError 502, 504 where the provider does not answer
   */
  removeOfUser(rename: UserRename, sweep: Sweep): Promise<Swept>;
}

export interface UserContentOptions {
  tables: Tables;
  settings: Settings;
  telemetry: Telemetry;
}

/** A pass that ended early begins again: what was deleted is not met any more. */
const AGAIN = 'again';
const ATTEMPTS = 5;

export function createUserContent({ tables, settings, telemetry }: UserContentOptions): UserContent {
  const files = tables.open<FileOwnerRow>('providerfiles');
  const batches: Table<OwnedBatchRow> = tables.open('messagebatches');
  const open: Table<OpenBatchRow> = tables.open('messagebatches');
  const provider = createBatchProvider(settings);
  const of = (userId: string) => ({ where: odata`user eq ${ownerDigest(userId)}` });

  async function* batchesOf(userId: string): AsyncIterable<Stored<OwnedBatchRow>> {
    for await (const row of batches.query(of(userId))) if (row.partitionKey !== OPEN) yield row;
  }

  async function removeFile({ partitionKey, rowKey, etag }: Stored<FileOwnerRow>): Promise<boolean> {
    const isGone = await changeAtProvider(settings, `/v1/files/${encodeURIComponent(rowKey)}`, 'DELETE');
    return isGone ? files.remove({ partitionKey, rowKey }, etag) : kept('file', rowKey);
  }

  async function removeBatch(row: Stored<OwnedBatchRow>, name: string): Promise<boolean> {
    const { partitionKey, rowKey, holdId } = row;
    if (await disownOpen(holdId, name)) await provider.cancel(rowKey);
    else if (!(await provider.remove(rowKey))) return kept('batch', rowKey);
    return batches.remove({ partitionKey, rowKey });
  }

  /** False where the batch is metered. */
  async function disownOpen(holdId: string, name: string): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const row = await open.get(OPEN, holdId);
      if (!row) return false;
      const { etag, ...columns } = row;
      const facts = factColumns({ ...factsOf(row), userId: name });
      try {
        await open.replace({ ...columns, ...facts, owner: '', user: '' }, etag);
        return true;
      } catch (error) {
        // It is being metered.
        if (!(error instanceof RowChangedError) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  function kept(kind: UserContentItem['kind'], id: string): false {
    telemetry.warn('user-content-kept', { kind, id });
    return false;
  }

  return {
    async *ofUser(userId) {
      for await (const { rowKey, createdMs } of batchesOf(userId)) yield { kind: 'batch', id: rowKey, createdMs };
      for await (const { rowKey, createdMs } of files.query(of(userId))) yield { kind: 'file', id: rowKey, createdMs };
    },
    async removeOfUser({ userId, name, beforeMs }, { isOver }) {
      let changed = 0;
      for await (const row of batchesOf(userId)) {
        if (isOver()) return { changed, next: AGAIN };
        if (row.createdMs < beforeMs && (await removeBatch(row, name))) changed += 1;
      }
      for await (const row of files.query(of(userId))) {
        if (isOver()) return { changed, next: AGAIN };
        if (row.createdMs < beforeMs && (await removeFile(row))) changed += 1;
      }
      return { changed, next: undefined };
    },
  };
}
