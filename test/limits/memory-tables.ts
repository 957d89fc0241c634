import { RowChangedError, RowExistsError, TableUncertainError } from '../../shared/tables/errors.ts';
import type { Change, Query, RowKey, Stored, Table, Tables } from '../../shared/tables/table.ts';

/** What happens to one request. `lost`: it is carried out, but its answer never comes. */
export type Fate = 'answered' | 'lost' | 'refused';

export interface MemoryOptions {
  /** Called before each request is carried out; its answer decides how it ends. Rejecting refuses it. */
  before?: (operation: string, table: string) => Promise<Fate>;
}

/** Rows in memory that behave like Table Storage: ETags, conflicts, entity group transactions, answers that get lost. */
export class MemoryTables implements Tables {
  /** Requests so far, by kind. */
  readonly operations = new Map<string, number>();
  readonly #data = new Map<string, Map<string, Stored<RowKey>>>();
  #etag = 0;

  /** Every opening is a client of its own: pass what shall happen to its requests. */
  client(options: MemoryOptions = {}): Tables {
    return { open: <R extends RowKey>(name: string) => this.#table<R>(name, options) };
  }

  open<R extends RowKey>(name: string): Table<R> {
    return this.#table<R>(name, {});
  }

  /** All rows of a table, without waiting. */
  rows<R extends RowKey>(name: string): Stored<R>[] {
    return [...this.#rows(name).values()] as Stored<R>[];
  }

  #rows(name: string): Map<string, Stored<RowKey>> {
    let rows = this.#data.get(name);
    if (!rows) {
      rows = new Map();
      this.#data.set(name, rows);
    }
    return rows;
  }

  #table<R extends RowKey>(name: string, { before }: MemoryOptions): Table<R> {
    const rows = this.#rows(name);
    const request = async <T>(operation: string, work: () => T): Promise<T> => {
      this.operations.set(operation, (this.operations.get(operation) ?? 0) + 1);
      const fate = before ? await before(operation, name) : 'answered';
      if (fate === 'refused') throw new TableUncertainError(name, new Error('refused by the test'));
      const result = work();
      if (fate === 'lost') throw new TableUncertainError(name, new Error('answer lost by the test'));
      return result;
    };
    const put = (row: RowKey): string => {
      const etag = `W/"${++this.#etag}"`;
      const { etag: _, ...columns } = row as Stored<RowKey>;
      rows.set(keyOf(row), { ...columns, etag });
      return etag;
    };
    const check = (change: Change<R>): void => {
      const row = rows.get(keyOf(change.kind === 'delete' ? change.key : change.row));
      if (change.kind === 'insert' && row) throw new RowExistsError(name, undefined);
      if (change.kind === 'delete' && !row) throw new RowChangedError(name);
      if (change.kind === 'replace' && row?.etag !== change.etag) throw new RowChangedError(name);
    };
    const apply = (change: Change<R>): string => {
      check(change);
      if (change.kind === 'delete') {
        rows.delete(keyOf(change.key));
        return '';
      }
      return put(change.kind === 'merge' ? { ...rows.get(keyOf(change.row)), ...change.row } : change.row);
    };
    const table: Table<R> = {
      get: (partitionKey, rowKey) => {
        return request('get', () => clone(rows.get(keyOf({ partitionKey, rowKey }))) as Stored<R> | undefined);
      },
      insert: (row) => request('insert', () => apply({ kind: 'insert', row })),
      insertIfAbsent: (row) =>
        request('insert', () => {
          if (rows.has(keyOf(row))) return false;
          put(row);
          return true;
        }),
      upsert: (row) => request('upsert', () => apply({ kind: 'upsert', row })),
      merge: (row) => request('merge', () => apply({ kind: 'merge', row })),
      replace: (row, etag) => request('replace', () => apply({ kind: 'replace', row, etag })),
      remove: (key, etag) =>
        request('remove', () => {
          const row = rows.get(keyOf(key));
          if (etag !== undefined && row?.etag !== etag) throw new RowChangedError(name);
          return rows.delete(keyOf(key));
        }),
      transact: (changes) =>
        request('transact', () => {
          if (new Set(changes.map(partitionOf)).size > 1) throw new Error('One transaction, one partition.');
          for (const change of changes) check(change);
          return changes.map(apply);
        }),
      async *query({ partitionKey, from, before: until, where }: Query = {}) {
        // The one further condition that the limits ask with: a range of partitions.
        const [, least, below] = /PartitionKey ge '(.*)' and PartitionKey lt '(.*)'$/.exec(where ?? '') ?? [];
        const found = await request('query', () =>
          [...rows.values()]
            .filter((row) => partitionKey === undefined || row.partitionKey === partitionKey)
            .filter((row) => least === undefined || below === undefined || inRange(row, least, below))
            .filter((row) => (from === undefined || row.rowKey >= from) && (until === undefined || row.rowKey < until))
            .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
            .map(clone),
        );
        yield* found as Stored<R>[];
      },
    };
    return table;
  }
}

const inRange = ({ partitionKey, rowKey }: RowKey, least: string, below: string): boolean =>
  partitionKey >= least && partitionKey < below && rowKey === 'state';
const keyOf = ({ partitionKey, rowKey }: RowKey): string => `${partitionKey}\u0000${rowKey}`;
const partitionOf = <R extends RowKey>(change: Change<R>): string =>
  (change.kind === 'delete' ? change.key : change.row).partitionKey;
const clone = <T>(row: T): T => (row === undefined ? row : structuredClone(row));
