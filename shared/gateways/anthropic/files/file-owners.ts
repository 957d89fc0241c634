import type { Settings } from '../../../config/settings.ts';
import { invalidField, notFound } from '../../../errors/request-errors.ts';
import type { Caller } from '../../../identity/caller.ts';
import type { RowKey, Tables } from '../../../tables/table.ts';
import { inParallel } from '../../../util/in-parallel.ts';
import { ownerOf, ownerPartition } from '../owner-partition.ts';

/** Whose file it is. The row key is the provider's id. */
export interface FileOwnerRow extends RowKey {
  /** A digest of the user id. */
  user: string;
  /** ms, UTC. */
  createdMs: number;
}

/** Who uploaded which file: to the provider all are of one account. */
export interface FileOwners {
  add(caller: Caller, id: string, createdMs: number): Promise<void>;
  /** @throws RequestError 404 for one that is not the caller's, 400 for more than 1,000 */
  refuseOthers(caller: Caller, ids: readonly string[]): Promise<void>;
  /** Ids of a caller's files, the newest first. */
  list(caller: Caller): Promise<string[]>;
  remove(caller: Caller, id: string): Promise<void>;
}

const ASKED_AT_ONCE = 8;
/** Each file of a request is looked up. */
const MOST_FILES = 1_000;
/** Ids of the provider are letters, digits and signs that need no encoding; any other text is nobody's file. */
const idShape = /^[\w.-]{1,200}$/;

export function createFileOwners(tables: Tables): FileOwners {
  const table = tables.open<FileOwnerRow>('providerfiles');
  return {
    async add(caller, id, createdMs) {
      const { owner, user } = ownerOf(caller);
      await table.upsert({ partitionKey: owner, rowKey: id, user, createdMs });
    },
    async refuseOthers(caller, ids) {
      const owner = ownerPartition(caller);
      const named = [...new Set(ids)];
      if (named.length > MOST_FILES) throw invalidField('body', `must not name more than ${MOST_FILES} files`);
      if (!named.every((id) => idShape.test(id))) throw notFound('File');
      const rows = await inParallel(named, ASKED_AT_ONCE, (id) => table.get(owner, id));
      if (rows.includes(undefined)) throw notFound('File');
    },
    async list(caller) {
      const rows: FileOwnerRow[] = [];
      for await (const row of table.query({ partitionKey: ownerPartition(caller) })) rows.push(row);
      return rows.sort((a, b) => b.createdMs - a.createdMs).map(({ rowKey }) => rowKey);
    },
    async remove(caller, id) {
      await table.remove({ partitionKey: ownerPartition(caller), rowKey: id });
    },
  };
}

/** Where files are passed on, a request may name the caller's own only. @throws RequestError 404 */
export async function refuseFiles(
  ids: readonly string[],
  caller: Caller,
  { settings, fileOwners }: { settings: Pick<Settings, 'ANTHROPIC_FILES'>; fileOwners: FileOwners },
): Promise<void> {
  if (settings.ANTHROPIC_FILES && ids.length > 0) await fileOwners.refuseOthers(caller, ids);
}
