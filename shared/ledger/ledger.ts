import type { Change, Tables } from '../tables/table.ts';
import { transactionsOf } from '../tables/transactions-of.ts';
import { inParallel } from '../util/in-parallel.ts';
import { isPage, type LedgerPage, pagesAround, pagesOf, rowsOf } from './ledger-page.ts';
import { hourOfPartition, type LedgerEntry, type LedgerRow, partitionOf, rowOf, SHARDS } from './ledger-row.ts';

/**
 * The audit ledger: what became of every event. Events that Pay-i took at their first try, nearly all, share a page with
 * others of their batch; any other event has a row of its own, which each attempt changes. An event can be in both: it was
 * ingested, and its message came once more. Then its own row wins, whichever was written first: it is of a later attempt,
 * and what it says is what is done next. Of an event in two pages both say the same.
 */
export interface Ledger {
  /** Writes what is known now and keeps the rest. @throws TableError: then some are written */
  record(entries: LedgerEntry[]): Promise<void>;
  get(eventId: string): Promise<LedgerRow | undefined>;
  /** Each event that was published on or after the day (UTC), once. */
  since(day: string): AsyncIterable<LedgerRow>;
  /** Each event that was published from one day, hour or minute (`2026-11-23`, `2026-11-23T10`, `2026-11-23T10:05`, UTC) on and before the other, once. */
  between(from: string, before: string): AsyncIterable<LedgerRow>;
  /** The hour of the oldest event; undefined when there are none. */
  earliestHour(): Promise<string | undefined>;
  /** Deletes what is of events that were published before the day. @returns how many rows of the table */
  prune(beforeDay: string): Promise<number>;
}

type Row = LedgerRow | LedgerPage;

const keys = ['PartitionKey', 'RowKey'];

/** @param properties names of the properties that are kept of an event */
export function createLedger(tables: Tables, properties: readonly string[] = []): Ledger {
  const table = tables.open<Row>('ledger');
  const kept = properties.toSorted();

  async function* range(from: string, before: string, select?: string[]) {
    for (let shard = 0; shard < SHARDS; shard++) {
      const where = `PartitionKey ge '${shard}-${from}' and PartitionKey lt '${shard}-${before}'`;
      yield* table.query({ where, ...(select && { select }) });
    }
  }

  async function* between(from: string, before: string) {
    let partition = '';
    let own = new Map<string, LedgerRow>();
    let seen = new Set<string>();
    for await (const row of range(from, before)) {
      if (row.partitionKey !== partition) {
        yield* own.values();
        partition = row.partitionKey;
        own = new Map();
        seen = new Set();
      }
      // The rows of a partition's events come before its pages.
      if (!isPage(row)) own.set(row.rowKey, row);
      else {
        for (const paged of rowsOf(row)) {
          const known = own.get(paged.rowKey);
          if (known) own.set(paged.rowKey, { ...paged, ...known });
          else if (!seen.has(paged.rowKey)) yield paged;
          seen.add(paged.rowKey);
        }
      }
    }
    yield* own.values();
  }

  return {
    async record(entries) {
      const latest = new Map(entries.map((entry) => [entry.outgoing.event.eventId, entry]));
      const parts = [...byPartition([...latest.values()], kept)];
      const pages = parts.flatMap(([partition, { paged }]) => pagesOf(partition, paged));
      const transactions = parts.flatMap(([, { single }]) =>
        transactionsOf(single).map((run) => run.map((row): Change<Row> => ({ kind: 'merge', row }))),
      );
      await inParallel(pages, SHARDS, (page) => table.upsert(page));
      await inParallel(transactions, SHARDS, (changes) => table.transact(changes));
    },

    async get(eventId) {
      const partition = partitionOf(eventId);
      let found: LedgerRow | undefined;
      for await (const page of table.query(pagesAround(partition, eventId))) {
        found ??= rowsOf(page as LedgerPage).find(({ rowKey }) => rowKey === eventId);
      }
      const own = (await table.get(partition, eventId)) as LedgerRow | undefined;
      return own ? { ...found, ...own } : found;
    },

    since: (day) => between(day, '9999'),

    between,

    async earliestHour() {
      let earliest: string | undefined;
      for (let shard = 0; shard < SHARDS; shard++) {
        const where = `PartitionKey ge '${shard}-' and PartitionKey lt '${shard}-9999'`;
        for await (const { partitionKey } of table.query({ where, select: keys })) {
          const hour = hourOfPartition(partitionKey);
          if (earliest === undefined || hour < earliest) earliest = hour;
          break;
        }
      }
      return earliest;
    },

    async prune(beforeDay) {
      let removed = 0;
      for await (const { partitionKey, rowKey } of range('0000', beforeDay, keys)) {
        if (await table.remove({ partitionKey, rowKey })) removed += 1;
      }
      return removed;
    },
  };
}

const isFirstTry = ({ state, tried }: LedgerEntry): boolean => state === 'ingested' && !tried;

function byPartition(
  entries: LedgerEntry[],
  properties: readonly string[],
): Map<string, { paged: LedgerRow[]; single: LedgerRow[] }> {
  const parts = new Map<string, { paged: LedgerRow[]; single: LedgerRow[] }>();
  for (const entry of entries) {
    const row = rowOf(entry, properties);
    const part = parts.get(row.partitionKey) ?? { paged: [], single: [] };
    parts.set(row.partitionKey, part);
    part[isFirstTry(entry) ? 'paged' : 'single'].push(row);
  }
  return parts;
}
