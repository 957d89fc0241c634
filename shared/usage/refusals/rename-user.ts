import { odata } from '@azure/data-tables';
import { rewriteRow } from '../../tables/rewrite-row.ts';
import type { Tables } from '../../tables/table.ts';
import { fromColumns, toColumns } from '../../tables/text-columns.ts';
import type { Sweep, Swept } from '../../util/sweep.ts';
import type { UserRename } from '../../util/user-rename.ts';
import { hourOf, nextHour } from '../spans.ts';
import { REFUSALS_PREFIX, type RefusalRow } from './refusal-rows.ts';

/**
 * Gives refused calls of a user another user's name, of hours that began before.
 * @returns how many rows were changed @throws TableError
 */
export async function renameUserInRefusals(
  tables: Tables,
  { userId, name, beforeMs }: UserRename,
  { from, isOver }: Sweep,
): Promise<Swept> {
  const table = tables.open<RefusalRow>('usage');
  const end = `${REFUSALS_PREFIX}${nextHour(hourOf(beforeMs - 1))}`;
  const where = odata`PartitionKey ge ${from || REFUSALS_PREFIX} and PartitionKey lt ${end}`;
  let changed = 0;
  let partition = '';
  for await (const row of table.query({ where })) {
    if (row.partitionKey !== partition && isOver()) return { next: row.partitionKey, changed };
    partition = row.partitionKey;
    const isChanged = await rewriteRow(table, row, (stored) => {
      const groups = JSON.parse(fromColumns(stored)) as [string[], number][];
      if (!groups.some(([values]) => values[0] === userId)) return undefined;
      const renamed = groups.map(([values, calls]) =>
        values[0] === userId ? [[name, ...values.slice(1)], calls] : [values, calls],
      );
      return { partitionKey: stored.partitionKey, rowKey: stored.rowKey, ...toColumns(JSON.stringify(renamed)) };
    });
    if (isChanged) changed += 1;
  }
  return { next: undefined, changed };
}
