import type { DeadLetter, DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import { undecodableDeadLetter } from '../dead-letters/undecodable.ts';
import { asTried, type QueuedEvent, queuedEventSchema } from '../events/queued-event.ts';
import type { QueueMessage, UsageQueue } from '../service-bus/usage-queue.ts';
import { MAX_CHANGES, type RowKey, type Stored, type Tables } from '../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../tables/text-columns.ts';
import { transactionsOf } from '../tables/transactions-of.ts';
import type { Clock } from '../util/clock.ts';
import { uuidV7Ms } from '../util/ids.ts';
import { jsonText } from '../util/json/json-text.ts';

/** Where events lie that Service Bus did not take: one partition, in order of age (the keys begin with a UUID of version 7). */
export interface Outbox {
  /** Resolves when all of them lie there. `messageIds` by place: duplicate detection must know them when they are sent. */
  put(entries: OutboxEntry[]): Promise<void>;
  /**
   * Sends what lies there, oldest first, and takes away what was acknowledged. A row that can't be read goes to the dead
   * letters, so that it holds up no other. @returns how many were sent
   */
  flush(queue: UsageQueue): Promise<number>;
  eventIds(): AsyncIterable<string>;
  /** What lies there, oldest first. */
  entries(): AsyncIterable<OutboxListing>;
}

export interface OutboxListing {
  eventId: string;
  /** Absent for a row that can't be read. */
  outgoing: QueuedEvent | undefined;
  /** When its event came to be: ms, UTC. */
  sinceMs: number;
}

export interface OutboxEntry {
  outgoing: QueuedEvent;
  messageId: string;
}

type Row = RowKey & TextColumns;

const PARTITION = 'pending';

export function createOutbox(tables: Tables, deadLetters: Pick<DeadLetterStore, 'put'>, clock: Clock): Outbox {
  const table = tables.open<Row>('outbox');
  let flushing: Promise<number> | undefined;

  async function send(queue: UsageQueue, rows: Stored<Row>[]): Promise<number> {
    const messages: QueueMessage[] = [];
    const unreadable: DeadLetter[] = [];
    for (const row of rows) {
      const outgoing = outgoingOf(row);
      if (outgoing) messages.push({ outgoing: asTried(outgoing), id: row.rowKey });
      else unreadable.push(letterOf(row, clock.now()));
    }
    await deadLetters.put(unreadable);
    await queue.send(messages);
    await table.transact(
      rows.map(({ partitionKey, rowKey }) => ({ kind: 'delete' as const, key: { partitionKey, rowKey } })),
    );
    return messages.length;
  }

  async function flushAll(queue: UsageQueue): Promise<number> {
    let sent = 0;
    const rows: Stored<Row>[] = [];
    for await (const row of table.query({ partitionKey: PARTITION })) {
      rows.push(row);
      if (rows.length === MAX_CHANGES) sent += await send(queue, rows.splice(0));
    }
    if (rows.length > 0) sent += await send(queue, rows);
    return sent;
  }

  return {
    async put(entries) {
      const rows = [...new Map(entries.map((entry) => [entry.messageId, rowOf(entry)])).values()];
      for (const run of transactionsOf(rows)) await table.transact(run.map((row) => ({ kind: 'upsert', row })));
    },
    flush(queue) {
      flushing ??= flushAll(queue).finally(() => {
        flushing = undefined;
      });
      return flushing;
    },
    async *eventIds() {
      for await (const { rowKey } of table.query({ partitionKey: PARTITION, select: ['PartitionKey', 'RowKey'] })) {
        yield eventIdOf(rowKey);
      }
    },
    async *entries() {
      for await (const row of table.query({ partitionKey: PARTITION })) {
        const eventId = eventIdOf(row.rowKey);
        yield { eventId, outgoing: outgoingOf(row), sinceMs: uuidV7Ms(eventId) ?? 0 };
      }
    },
  };
}

const outgoingText = jsonText(queuedEventSchema);

/** A row's key is the message's id: the event's, and the attempt's number behind a dot. */
const eventIdOf = (rowKey: string): string => rowKey.split('.')[0] ?? rowKey;

const rowOf = ({ outgoing, messageId }: OutboxEntry): Row => ({
  partitionKey: PARTITION,
  rowKey: messageId,
  ...toColumns(JSON.stringify(outgoing)),
});

/** Undefined for a row that can't be read. */
const outgoingOf = (row: Row): QueuedEvent | undefined => outgoingText.safeParse(fromColumns(row)).data;

function letterOf(row: Row, atMs: number): DeadLetter {
  const why = {
    source: 'ingest',
    code: 'undecodable',
    reason: 'Its row in the outbox is not an event.',
    atMs,
  } as const;
  const letter = undecodableDeadLetter({ messageId: row.rowKey, body: fromColumns(row) }, why);
  return { ...letter, eventId: eventIdOf(row.rowKey) };
}
