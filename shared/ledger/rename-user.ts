import { odata } from '@azure/data-tables';
import { rewriteRow } from '../tables/rewrite-row.ts';
import type { Tables } from '../tables/table.ts';
import type { Sweep, Swept } from '../util/sweep.ts';
import type { UserRename } from '../util/user-rename.ts';
import { columnsOf, isPage, type LedgerPage, rowsOf } from './ledger-page.ts';
import type { LedgerRow } from './ledger-row.ts';

/**
 * Gives the events of a user another user's name; all else of them stays. Reads the whole table, minute by minute.
 * @returns how many events, and how many of them Pay-i has @throws TableError
 */
export async function renameUserInLedger(
  tables: Tables,
  { userId, name, beforeMs }: UserRename,
  { from, isOver }: Sweep,
): Promise<Swept & { ingested: number }> {
  const table = tables.open<LedgerRow | LedgerPage>('ledger');
  const isOfUser = (row: LedgerRow): boolean => row.userId === userId && Date.parse(row.occurredAt) < beforeMs;
  const renamed = (row: LedgerRow): LedgerRow => (isOfUser(row) ? { ...row, userId: name } : row);
  const total = { changed: 0, ingested: 0 };
  let partition = '';
  /** Of the partition: an event may have a row of its own and be in a page. */
  let found = new Map<string, LedgerRow>();
  const count = (): void => {
    total.changed += found.size;
    for (const { state } of found.values()) if (state === 'ingested') total.ingested += 1;
    found = new Map();
  };
  for await (const row of table.query(from === '' ? {} : { where: odata`PartitionKey ge ${from}` })) {
    if (row.partitionKey !== partition) {
      count();
      if (isOver()) return { ...total, next: row.partitionKey };
      partition = row.partitionKey;
    }
    await rewriteRow(table, row, (stored) => {
      const rows = isPage(stored) ? rowsOf(stored) : [stored];
      const own = rows.filter(isOfUser);
      for (const one of own) if (!found.has(one.rowKey)) found.set(one.rowKey, one);
      if (own.length === 0) return undefined;
      return isPage(stored) ? { ...stored, ...columnsOf(rows.map(renamed)) } : renamed(stored);
    });
  }
  count();
  return { ...total, next: undefined };
}
