import { MAX_CHANGES, type RowKey, type Stored, type Tables } from '../tables/table.ts';
import { type Outgoing, outgoingSchema } from './outgoing.ts';
import { fromColumns, type TextColumns, toColumns } from './text-columns.ts';
import type { UsageQueue } from './usage-queue.ts';

/** Where events lie that Service Bus did not take: one partition, in order of age (the keys begin with a UUID of version 7). */
export interface Outbox {
  /** Resolves when all of them lie there. `messageIds` by place: duplicate detection must know them when they are sent. */
  put(entries: OutboxEntry[]): Promise<void>;
  /** Sends what lies there, oldest first, and takes away what was acknowledged. @returns how many */
  flush(queue: UsageQueue): Promise<number>;
  eventIds(): AsyncIterable<string>;
}

export interface OutboxEntry {
  outgoing: Outgoing;
  messageId: string;
}

type Row = RowKey & TextColumns;

const PARTITION = 'pending';

export function createOutbox(tables: Tables): Outbox {
  const table = tables.open<Row>('outbox');
  let flushing: Promise<number> | undefined;

  async function send(queue: UsageQueue, rows: Stored<Row>[]): Promise<number> {
    const messages = rows.map((row) => ({ outgoing: asRetried(row), id: row.rowKey }));
    await queue.send(messages);
    await table.transact(
      rows.map(({ partitionKey, rowKey }) => ({ kind: 'delete' as const, key: { partitionKey, rowKey } })),
    );
    return rows.length;
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
      const changes = [...new Map(entries.map((entry) => [entry.messageId, entry])).values()].map((entry) => ({
        kind: 'upsert' as const,
        row: { partitionKey: PARTITION, rowKey: entry.messageId, ...toColumns(JSON.stringify(entry.outgoing)) } as Row,
      }));
      for (let at = 0; at < changes.length; at += MAX_CHANGES)
        await table.transact(changes.slice(at, at + MAX_CHANGES));
    },
    flush(queue) {
      flushing ??= flushAll(queue).finally(() => {
        flushing = undefined;
      });
      return flushing;
    },
    async *eventIds() {
      for await (const { rowKey } of table.query({ partitionKey: PARTITION, select: ['PartitionKey', 'RowKey'] })) {
        yield rowKey.split('.')[0] ?? rowKey;
      }
    },
  };
}

/**
 * A send without an answer may have been accepted, and duplicate detection forgets after its window; so what comes from
 * the outbox counts as tried, and Pay-i is asked whether it has it.
 */
function asRetried(row: Row): Outgoing {
  const outgoing = outgoingSchema.parse(JSON.parse(fromColumns(row)));
  return { ...outgoing, attempt: Math.max(outgoing.attempt, 1) };
}
