import { TableBusyError, TableUncertainError } from '../../tables/errors.ts';
import { type Change, MAX_CHANGES, type Table } from '../../tables/table.ts';
import type { LimitRow } from './limit-rows.ts';

/** One transaction that waits for its turn. */
interface Write {
  changes: Change<LimitRow>[];
  resolve(tags: string[]): void;
  reject(error: unknown): void;
}

/**
 * The table of limits with writes that share requests: transactions of one partition that come at the same time, or while
 * another one is under way, are sent as one. Each still happens as a whole or not at all. When one of them is refused,
 * the halves show which, and the others are carried out.
 */
export function groupWrites(table: Table<LimitRow>): Table<LimitRow> {
  const waiting = new Map<string, Write[]>();

  async function serve(partition: string, writes: Write[]): Promise<void> {
    // What else is written before the process turns to other events goes along.
    await new Promise((resolve) => process.nextTick(resolve));
    while (writes.length > 0) await send(table, takeFitting(writes));
    waiting.delete(partition);
  }

  return {
    get: (partitionKey, rowKey) => table.get(partitionKey, rowKey),
    insert: (row) => table.insert(row),
    insertIfAbsent: (row) => table.insertIfAbsent(row),
    upsert: (row) => table.upsert(row),
    merge: (row) => table.merge(row),
    replace: (row, etag) => table.replace(row, etag),
    remove: (key, etag) => table.remove(key, etag),
    query: (query) => table.query(query),
    transact(changes) {
      const [first] = changes;
      if (!first) return Promise.resolve([]);
      const partition = keyOf(first).partitionKey;
      return new Promise((resolve, reject) => {
        const write = { changes, resolve, reject };
        const writes = waiting.get(partition);
        if (writes) writes.push(write);
        else {
          const begun = [write];
          waiting.set(partition, begun);
          void serve(partition, begun);
        }
      });
    },
  };
}

/** The writes from the front on that fit one request; a row is in it once. */
function takeFitting(writes: Write[]): Write[] {
  const rows = new Set<string>();
  let changes = 0;
  let end = 0;
  for (const write of writes) {
    const keys = write.changes.map((change) => keyOf(change).rowKey);
    if (end > 0 && (changes + keys.length > MAX_CHANGES || keys.some((key) => rows.has(key)))) break;
    for (const key of keys) rows.add(key);
    changes += keys.length;
    end++;
  }
  return writes.splice(0, end);
}

/** Never rejects: each write learns what became of it. */
async function send(table: Table<LimitRow>, writes: Write[]): Promise<void> {
  let tags: string[];
  try {
    tags = await table.transact(writes.flatMap(({ changes }) => changes));
  } catch (error) {
    const asked = !(error instanceof TableBusyError || error instanceof TableUncertainError);
    if (writes.length > 1 && asked) {
      const middle = Math.ceil(writes.length / 2);
      await Promise.all([send(table, writes.slice(0, middle)), send(table, writes.slice(middle))]);
    } else for (const { reject } of writes) reject(error);
    return;
  }
  let at = 0;
  for (const { changes, resolve } of writes) {
    resolve(tags.slice(at, at + changes.length));
    at += changes.length;
  }
}

const keyOf = (change: Change<LimitRow>) => (change.kind === 'delete' ? change.key : change.row);
