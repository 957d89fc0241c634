import { shardOf } from '../tables/shard-of.ts';
import type { Query, RowKey, Tables } from '../tables/table.ts';
import { tableKey } from '../tables/table.ts';
import { transactionsOf } from '../tables/transactions-of.ts';
import type { Clock } from '../util/clock.ts';
import { uuidV7Ms } from '../util/ids.ts';
import { inParallel } from '../util/in-parallel.ts';
import { minuteOfPartition, partitionOf } from './ledger-row.ts';

/**
 * In which minutes of the ledger the events of an instance are. An id that was made here (a UUID of version 7) says it for the
 * first five minutes; any other event adds a row for its minute. So the usual call costs no request.
 */
export interface InstanceIndex {
  /** Before the events are written, so that none is in the ledger and not found. */
  add(events: Iterable<IndexedEvent>): Promise<void>;
  /** In order, at most so many of the latest; an instance that is unknown has those that its id says. */
  minutesOf(useCaseName: string, useCaseId: string): Promise<string[]>;
  /** Forgets minutes before the day. @returns how many rows */
  prune(beforeDay: string): Promise<number>;
}

export interface IndexedEvent {
  eventId: string;
  useCase: { name: string; id: string };
}

/** In the partition of the instance's shard; the key is the instance and the minute. */
interface IndexRow extends RowKey {
  /** E.g. `2026-11-23T10:05`. */
  minute: string;
}

const MINUTE_MS = 60_000;
const MINUTES = 5;
/** Partitions: few, so that a batch is written in few transactions; Table Storage takes 2,000 rows a second in each. */
const SHARDS = 4;
/** Rows that were just written are not written again for the next event of the minute. */
const REMEMBERED = 20_000;
const REMEMBERED_MS = 120_000;

export function createInstanceIndex(tables: Tables, clock: Clock): InstanceIndex {
  const table = tables.open<IndexRow>('instanceevents');
  let written = new Set<string>();
  let since = clock.now();

  return {
    async add(events) {
      const nowMs = clock.now();
      if (written.size > REMEMBERED || nowMs - since > REMEMBERED_MS) {
        written = new Set();
        since = nowMs;
      }
      const shards = new Map<string, Map<string, IndexRow>>();
      for (const { eventId, useCase } of events) {
        const minute = minuteOfPartition(partitionOf(eventId));
        if (isImplied(useCase.id, minute)) continue;
        const instance = instanceKey(useCase.name, useCase.id);
        const row = { partitionKey: partitionOfInstance(instance), rowKey: `${instance}!${minute}`, minute };
        if (written.has(row.rowKey)) continue;
        const rows = shards.get(row.partitionKey) ?? new Map<string, IndexRow>();
        shards.set(row.partitionKey, rows.set(row.rowKey, row));
      }
      const runs = [...shards.values()].flatMap((rows) => transactionsOf([...rows.values()]));
      await inParallel(runs, SHARDS, async (run) => {
        await table.transact(run.map((row) => ({ kind: 'upsert', row })));
        for (const { rowKey } of run) written.add(rowKey);
      });
    },

    async minutesOf(useCaseName, useCaseId) {
      const minutes = new Set(impliedMinutes(useCaseId));
      const instance = instanceKey(useCaseName, useCaseId);
      // `"` comes after `!`.
      const query = { partitionKey: partitionOfInstance(instance), from: `${instance}!`, before: `${instance}"` };
      for await (const { minute } of table.query(query)) minutes.add(minute);
      return [...minutes].sort();
    },

    async prune(beforeDay) {
      const query: Query = { where: `minute lt '${beforeDay}'`, select: ['PartitionKey', 'RowKey'] };
      let removed = 0;
      for await (const { partitionKey, rowKey } of table.query(query)) {
        if (await table.remove({ partitionKey, rowKey })) removed += 1;
      }
      return removed;
    },
  };
}

/** The minutes of an instance's events that its id says. */
function impliedMinutes(useCaseId: string): string[] {
  const ms = uuidV7Ms(useCaseId);
  if (ms === undefined) return [];
  return Array.from({ length: MINUTES }, (_, n) => new Date(ms + n * MINUTE_MS).toISOString().slice(0, 16));
}

function isImplied(useCaseId: string, minute: string): boolean {
  const ms = uuidV7Ms(useCaseId);
  if (ms === undefined) return false;
  const minutes = Date.parse(`${minute}Z`) / MINUTE_MS - Math.floor(ms / MINUTE_MS);
  return minutes >= 0 && minutes < MINUTES;
}

const partitionOfInstance = (instance: string): string => String(shardOf(instance, SHARDS));

const instanceKey = (name: string, id: string): string => tableKey(`${name} ${id}`);
