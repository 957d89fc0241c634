import { setTimeout as delay } from 'node:timers/promises';
import type { RowKey, Stored, Table, Tables } from '../../../shared/tables/table.ts';

/** What Table Storage takes in one partition ("Scalability and performance targets for Table storage"). */
const ROWS_PER_SECOND = 2_000;
const REQUEST_MS = 10;
const PAGE_ROWS = 1_000;
/** Of a whole page. */
const PAGE_MS = 100;

/** Says what the rows with these figures are measured with. */
export const tableService = `tables in memory that take as long as Table Storage: ${REQUEST_MS} ms a request, ${PAGE_MS} ms a page of ${PAGE_ROWS} rows, ${ROWS_PER_SECOND} rows a second written in one partition`;

/** Tables that are as slow as the service: Azurite goes through all its rows for a page, and moves them to write one. */
export function asSlowAsTheService(tables: Tables): Tables {
  return { open: <R extends RowKey>(name: string) => slow(tables.open<R>(name)) };
}

function slow<R extends RowKey>(table: Table<R>): Table<R> {
  /** When a partition has written all that was sent to it: ms. */
  const freeMs = new Map<string, number>();
  const write = async <T>({ partitionKey }: RowKey, rows: number, work: () => Promise<T>): Promise<T> => {
    const nowMs = performance.now();
    const doneMs = Math.max(nowMs, freeMs.get(partitionKey) ?? 0) + (rows * 1_000) / ROWS_PER_SECOND;
    freeMs.set(partitionKey, doneMs);
    await delay(Math.max(REQUEST_MS, doneMs - nowMs));
    return work();
  };
  return {
    async get(partitionKey, rowKey) {
      await delay(REQUEST_MS);
      return table.get(partitionKey, rowKey);
    },
    insert: (row) => write(row, 1, () => table.insert(row)),
    insertIfAbsent: (row) => write(row, 1, () => table.insertIfAbsent(row)),
    upsert: (row) => write(row, 1, () => table.upsert(row)),
    merge: (row) => write(row, 1, () => table.merge(row)),
    replace: (row, etag) => write(row, 1, () => table.replace(row, etag)),
    remove: (key, etag) => write(key, 1, () => table.remove(key, etag)),
    transact: (changes) => {
      const [first] = changes;
      if (!first) return Promise.resolve([]);
      return write(first.kind === 'delete' ? first.key : first.row, changes.length, () => table.transact(changes));
    },
    async *query(query): AsyncIterable<Stored<R>> {
      await delay(REQUEST_MS);
      let rows = 0;
      for await (const row of table.query(query)) {
        yield row;
        rows += 1;
        if (rows % PAGE_ROWS === 0) await delay(PAGE_MS);
      }
    },
  };
}
