import type { Table } from '../tables/table.ts';
import { inParallel } from '../util/in-parallel.ts';
import { hashesOfRows } from './instance-hash.ts';
import type { InstanceMinutes } from './instance-minutes.ts';
import { isPage, type LedgerPage } from './ledger-page.ts';
import { type LedgerRow, minuteOfPartition, SHARDS } from './ledger-row.ts';

export interface LedgerTime {
  /** Days, hours or minutes (`2026-11-23T10`, UTC): from one on and before the other. */
  from: string;
  before: string;
}

const columns = ['PartitionKey', 'RowKey', 'instances', 'useCaseName', 'useCaseId'];
const shards = Array.from({ length: SHARDS }, (_, shard) => shard);

/**
 * Adds which instances have events in a time of the ledger, but for those whose ids say it. Pages are not read for it: each names its
 * instances in a column. Pages of releases that wrote rows of the index instead name none.
 * @param most rows of the table after which it ends @returns how many rows were read; more than `most` when there are more
 */
export async function scanInstances(
  table: Pick<Table<LedgerRow | LedgerPage>, 'query'>,
  { from, before }: LedgerTime,
  found: InstanceMinutes,
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  let rows = 0;
  await inParallel(shards, SHARDS, async (shard) => {
    const where = `PartitionKey ge '${shard}-${from}' and PartitionKey lt '${shard}-${before}'`;
    for await (const row of table.query({ where, select: columns })) {
      rows += 1;
      if (rows > most) return;
      const hashes = isPage(row) ? (row.instances ?? '') : hashesOfRows(row.partitionKey, [row]);
      found.add(minuteOfPartition(row.partitionKey), hashes);
    }
  });
  return rows;
}
