import { shardOf } from '../../tables/shard-of.ts';
import { type RowKey, type Table, tableKey } from '../../tables/table.ts';

/** A row of releases that wrote one for each instance and minute, before the event; they are read until the retention has deleted them. */
export interface OldInstanceRow extends RowKey {
  /** E.g. `2026-11-23T10:05`. */
  minute: string;
}

const SHARDS = 4;

/** Minutes that older releases knew of the instance. @throws TableError */
export async function minutesInOldRows(
  table: Pick<Table<OldInstanceRow>, 'query'>,
  useCaseName: string,
  useCaseId: string,
): Promise<string[]> {
  const instance = tableKey(`${useCaseName} ${useCaseId}`);
  const minutes: string[] = [];
  // `"` comes after `!`.
  const query = {
    partitionKey: String(shardOf(instance, SHARDS)),
    from: `${instance}!`,
    before: `${instance}"`,
    select: ['minute'],
  };
  for await (const { minute } of table.query(query)) minutes.push(minute);
  return minutes;
}
