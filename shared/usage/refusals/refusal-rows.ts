import type { RowKey, Tables } from '../../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../../tables/text-columns.ts';
import type { GroupValues } from '../usage-group.ts';

/** Calls of one hour and group that a limit refused. */
export interface RefusedCalls {
  hour: string;
  values: GroupValues;
  calls: number;
}

/** Refused calls, which are in no ledger, by hour: some rows of each process. */
export interface RefusalRows {
  /** Writes a row; again under the same id it is the same row. */
  save(hour: string, id: string, refused: Omit<RefusedCalls, 'hour'>[]): Promise<void>;
  /** From one hour on and before the other. */
  between(from: string, before: string): AsyncIterable<RefusedCalls>;
  /** Deletes those of days before this one. @returns how many rows */
  prune(beforeDay: string): Promise<number>;
}

/** Values and calls as JSON. */
export type RefusalRow = RowKey & TextColumns;

export const REFUSALS_PREFIX = 'refused.';

export function createRefusalRows(tables: Tables): RefusalRows {
  const table = tables.open<RefusalRow>('usage');
  const range = (from: string, before: string, select?: string[]) =>
    table.query({
      where: `PartitionKey ge '${REFUSALS_PREFIX}${from}' and PartitionKey lt '${REFUSALS_PREFIX}${before}'`,
      ...(select && { select }),
    });

  return {
    async save(hour, id, refused) {
      const text = JSON.stringify(refused.map(({ values, calls }) => [values, calls]));
      await table.upsert({ partitionKey: `${REFUSALS_PREFIX}${hour}`, rowKey: id, ...toColumns(text) });
    },
    async *between(from, before) {
      for await (const row of range(from, before)) {
        const hour = row.partitionKey.slice(REFUSALS_PREFIX.length);
        for (const [values, calls] of JSON.parse(fromColumns(row)) as [string[], number][])
          yield { hour, values, calls };
      }
    },
    async prune(beforeDay) {
      let removed = 0;
      for await (const { partitionKey, rowKey } of range('', beforeDay, ['PartitionKey', 'RowKey']))
        if (await table.remove({ partitionKey, rowKey })) removed += 1;
      return removed;
    },
  };
}
