import {
  RowChangedError,
  RowExistsError,
  TableBusyError,
  TableRefusedError,
  TableUncertainError,
} from '../../shared/tables/errors.ts';
import {
  type Change,
  MAX_CHANGES,
  type Query,
  type RowKey,
  type Stored,
  sizeOf,
  type Table,
  type Tables,
} from '../../shared/tables/table.ts';

export type Operation = 'get' | 'query' | 'insert' | 'upsert' | 'merge' | 'replace' | 'remove' | 'transact';
/** What goes wrong with one request: refused before, or done and its answer lost. */
export type TableFault = 'busy' | 'lost-answer' | undefined;

type Entry = Record<string, unknown> & { etag: string };

/**
 * Tables in memory with the rules of Table Storage that we build on: keys in order, ETags, transactions as a whole.
 * `fault` is asked before each request. Conditions (`where`) are simple comparisons with texts.
 */
export class MemoryTables implements Tables {
  readonly rows = new Map<string, Map<string, Entry>>();
  requests = 0;
  fault: (table: string, operation: Operation) => TableFault = () => undefined;
  #etag = 0;

  open<R extends RowKey>(name: string): Table<R> {
    const rows = this.rows.get(name) ?? new Map<string, Entry>();
    this.rows.set(name, rows);
    const request = async <T>(operation: Operation, work: () => T): Promise<T> => {
      await Promise.resolve();
      this.requests += 1;
      const fault = this.fault(name, operation);
      if (fault === 'busy') throw new TableBusyError(name, new Error('injected'));
      const result = work();
      if (fault === 'lost-answer') throw new TableUncertainError(name, new Error('injected'));
      return result;
    };
    const apply = (change: Change<R>, etag?: string) => this.#apply(name, rows, change, etag);
    return {
      get: (partitionKey, rowKey) => request('get', () => copy<R>(rows.get(keyOf({ partitionKey, rowKey })))),
      insert: (row) => request('insert', () => apply({ kind: 'insert', row })),
      insertIfAbsent: (row) =>
        request('insert', () => {
          if (rows.has(keyOf(row))) return false;
          apply({ kind: 'insert', row });
          return true;
        }),
      upsert: (row) => request('upsert', () => apply({ kind: 'upsert', row })),
      merge: (row) => request('merge', () => apply({ kind: 'merge', row })),
      replace: (row, etag) => request('replace', () => apply({ kind: 'replace', row, etag })),
      remove: (key, etag) =>
        request('remove', () => {
          if (!rows.has(keyOf(key))) return false;
          apply({ kind: 'delete', key }, etag);
          return true;
        }),
      transact: (changes) =>
        request('transact', () => {
          const bytes = changes.reduce((sum, change) => sum + ('row' in change ? sizeOf(change.row) : 0), 0);
          if (changes.length > MAX_CHANGES || bytes > 4 * 1_024 ** 2) throw new TableRefusedError(name, undefined);
          const before = new Map([...rows].map(([key, row]) => [key, { ...row }]));
          try {
            return changes.map((change) => apply(change));
          } catch (error) {
            rows.clear();
            for (const [key, row] of before) rows.set(key, row);
            throw error;
          }
        }),
      query: (query) => this.#query<R>(rows, query, request),
    };
  }

  #apply<R extends RowKey>(table: string, rows: Map<string, Entry>, change: Change<R>, etag?: string): string {
    const key = keyOf(change.kind === 'delete' ? change.key : change.row);
    const known = rows.get(key);
    const expected = change.kind === 'replace' ? change.etag : etag;
    if (change.kind === 'insert' && known) throw new RowExistsError(table, undefined);
    if ((change.kind === 'replace' || change.kind === 'delete') && !known) throw new RowChangedError(table);
    if (expected !== undefined && known?.etag !== expected) throw new RowChangedError(table);
    if (change.kind === 'delete') {
      rows.delete(key);
      return '';
    }
    this.#etag += 1;
    const kept = change.kind === 'merge' ? known : {};
    rows.set(key, { ...kept, ...(change.row as object), etag: `e${this.#etag}` });
    return `e${this.#etag}`;
  }

  async *#query<R extends RowKey>(
    rows: Map<string, Entry>,
    query: Query = {},
    request: <T>(operation: Operation, work: () => T) => Promise<T>,
  ): AsyncIterable<Stored<R>> {
    const found = await request('query', () =>
      [...rows.values()].filter((row) => matches(row, query)).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    );
    for (const row of found) yield copy<R>(row) as Stored<R>;
  }
}

const keyOf = (key: Record<string, unknown> | RowKey): string =>
  `${String((key as RowKey).partitionKey)}\n${String((key as RowKey).rowKey)}`;

const copy = <R>(row: Entry | undefined): Stored<R> | undefined => row && ({ ...row } as unknown as Stored<R>);

function matches(row: Entry, { partitionKey, from, before, where }: Query): boolean {
  const rowKey = String(row['rowKey']);
  if (partitionKey !== undefined && row['partitionKey'] !== partitionKey) return false;
  if (from !== undefined && rowKey < from) return false;
  if (before !== undefined && rowKey >= before) return false;
  return where === undefined || where.split(' and ').every((part) => holds(row, part));
}

/** Conditions of the form `column op 'text'`, joined by `and`. */
function holds(row: Entry, condition: string): boolean {
  const [, name = '', operator, value = ''] = /^(\w+) (eq|ne|ge|gt|lt|le) '(.*)'$/.exec(condition) ?? [];
  const column = String(row[name.charAt(0).toLowerCase() + name.slice(1)]);
  switch (operator) {
    case 'eq':
      return column === value;
    case 'ne':
      return column !== value;
    case 'ge':
      return column >= value;
    case 'gt':
      return column > value;
    case 'lt':
      return column < value;
    case 'le':
      return column <= value;
    default:
      throw new Error(`The condition ${condition} is of no form that is known here.`);
  }
}
