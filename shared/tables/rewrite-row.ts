import { RowChangedError } from './errors.ts';
import type { RowKey, Stored, Table } from './table.ts';

const ATTEMPTS = 20;

/**
 * Writes what `change` makes of a row as it is then; undefined: nothing. A row that is gone stays so.
 * @returns whether it was written @throws RowChangedError when others write it all the time
 */
export async function rewriteRow<R extends RowKey>(
  table: Pick<Table<R>, 'get' | 'replace'>,
  stored: Stored<R>,
  change: (row: R) => R | undefined,
): Promise<boolean> {
  let known: Stored<R> | undefined = stored;
  for (let attempt = 1; known; attempt++) {
    const next = change(known);
    if (!next) return false;
    try {
      await table.replace(next, known.etag);
      return true;
    } catch (error) {
      if (!(error instanceof RowChangedError) || attempt === ATTEMPTS) throw error;
    }
    known = await table.get(known.partitionKey, known.rowKey);
  }
  return false;
}
