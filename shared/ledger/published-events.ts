import type { RowKey, Tables } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';
import { DAY_MS, dayOf } from '../util/days.ts';
import { uuidV7, uuidV7Ms } from '../util/ids.ts';

/**
 * Where every event is written down before its caller is answered, apart from the queue, so that its loss is noticed: one
 * row for each send of a group commit, holding the ids of its events. An event that is registered and found nowhere else
 * is lost. What it can't prove: an event published while Table Storage took no writes is registered with a later send;
 * should the process die before, it is counted only where it lies.
 */
export interface PublishedEvents {
  /** Never rejects; ids that could not be written are carried over to the next call. */
  add(eventIds: string[]): Promise<void>;
  /** Writes ids as published on the day (UTC) of their call: for a register that got lost. @throws TableError */
  restore(eventIds: string[]): Promise<void>;
  /** Ids of events that were published on or after the day (`2026-11-23`, UTC). */
  since(day: string): AsyncIterable<string>;
  /** Deletes what was written before the day. @returns how many rows */
  prune(beforeDay: string): Promise<number>;
}

interface Row extends RowKey {
  eventIds: string;
}

const SHARDS = 4;
/** 700 ids of 36 characters and a comma fill 26 Ki of the 32 Ki that a column takes. */
const IDS_PER_ROW = 700;
const MAX_CARRIED = 50_000;

export function createPublishedEvents(tables: Tables, clock: Clock, telemetry: Telemetry): PublishedEvents {
  const table = tables.open<Row>('register');
  const carried: string[] = [];
  let turn = 0;

  async function write(eventIds: string[], nowMs = clock.now()): Promise<void> {
    turn = (turn + 1) % SHARDS;
    await table.upsert({
      partitionKey: `${turn}-${dayOf(nowMs)}`,
      rowKey: uuidV7(nowMs),
      eventIds: eventIds.join(','),
    });
  }

  return {
    async add(eventIds) {
      const all = [...carried.splice(0), ...eventIds];
      for (let at = 0; at < all.length; at += IDS_PER_ROW) {
        const part = all.slice(at, at + IDS_PER_ROW);
        try {
          await write(part);
        } catch (error) {
          const room = MAX_CARRIED - carried.length;
          carried.push(...all.slice(at, at + room));
          telemetry.warn('events-not-registered', { events: all.length - at, ...describeError(error) });
          if (all.length - at > room) telemetry.count('events-never-registered', all.length - at - room);
          return;
        }
      }
    },
    async restore(eventIds) {
      const days = new Map<number, string[]>();
      for (const eventId of eventIds) {
        const dayMs = Math.floor((uuidV7Ms(eventId) ?? 0) / DAY_MS) * DAY_MS;
        const ids = days.get(dayMs);
        if (ids) ids.push(eventId);
        else days.set(dayMs, [eventId]);
      }
      for (const [dayMs, ids] of days)
        for (let at = 0; at < ids.length; at += IDS_PER_ROW) await write(ids.slice(at, at + IDS_PER_ROW), dayMs);
    },
    async *since(day) {
      for (let shard = 0; shard < SHARDS; shard++) {
        const where = `PartitionKey ge '${shard}-${day}' and PartitionKey lt '${shard}-9999'`;
        for await (const { eventIds } of table.query({ where })) yield* eventIds.split(',');
      }
    },
    async prune(beforeDay) {
      let removed = 0;
      for (let shard = 0; shard < SHARDS; shard++) {
        const where = `PartitionKey ge '${shard}-0000' and PartitionKey lt '${shard}-${beforeDay}'`;
        for await (const { partitionKey, rowKey } of table.query({ where, select: ['PartitionKey', 'RowKey'] })) {
          if (await table.remove({ partitionKey, rowKey })) removed += 1;
        }
      }
      return removed;
    },
  };
}
