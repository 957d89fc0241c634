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
/** What happens to one request. `busy`: refused. `unsent`: it never arrived, its sender can't know. `lost`: done, its answer lost. */
export type Fate = 'answered' | 'busy' | 'unsent' | 'lost';

const MAX_TRANSACTION_BYTES = 4 * 1_024 ** 2;

/**
 * Tables in memory with the rules of Table Storage that we build on: keys in order, ETags, transactions as a whole.
 * Conditions (`where`) are comparisons of a column with a text or a number, joined by `and`; each can be several in brackets, joined by `or`.
 */
export class MemoryTables implements Tables {
  /** Requests so far, by kind. */
  readonly operations = new Map<Operation, number>();
  /** Decides over each request of the clients that have no `before` of their own. */
  fate: (table: string, operation: Operation) => Fate = () => 'answered';
  readonly #data = new Map<string, Map<string, Stored<RowKey>>>();
  #etag = 0;

  get requests(): number {
    return [...this.operations.values()].reduce((sum, count) => sum + count, 0);
  }

  /** A client of its own: `before` is awaited before each of its requests is carried out, and decides how that ends. */
  client({ before }: { before: (operation: Operation, table: string) => Promise<Fate> }): Tables {
    return { open: <R extends RowKey>(name: string) => this.#table<R>(name, before) };
  }

  open<R extends RowKey>(name: string): Table<R> {
    return this.#table<R>(name, async (operation, table) => this.fate(table, operation));
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

  #table<R extends RowKey>(name: string, before: (operation: Operation, table: string) => Promise<Fate>): Table<R> {
    const rows = this.#rows(name);
    const request = async <T>(operation: Operation, work: () => T): Promise<T> => {
      this.operations.set(operation, (this.operations.get(operation) ?? 0) + 1);
      const fate = await before(operation, name);
      if (fate === 'busy') throw new TableBusyError(name, new Error('refused by the test'));
      if (fate === 'unsent') throw new TableUncertainError(name, new Error('dropped by the test'));
      const result = work();
      if (fate === 'lost') throw new TableUncertainError(name, new Error('answer lost by the test'));
      return result;
    };
    const apply = (change: Change<R>): string => {
      check(name, rows, change);
      if (change.kind === 'delete') {
        rows.delete(keyOf(change.key));
        return '';
      }
      const key = keyOf(change.row);
      const { etag: _, ...columns } = {
        ...(change.kind === 'merge' && rows.get(key)),
        ...written(change.row),
      } as Stored<R>;
      const etag = `W/"${++this.#etag}"`;
      rows.set(key, structuredClone({ ...columns, etag }) as Stored<RowKey>);
      return etag;
    };
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
          const known = rows.get(keyOf(key));
          if (known && etag !== undefined && known.etag !== etag) throw new RowChangedError(name);
          return rows.delete(keyOf(key));
        }),
      transact: (changes) =>
        request('transact', () => {
          const bytes = changes.reduce((sum, change) => sum + ('row' in change ? sizeOf(change.row) : 0), 0);
          if (
            changes.length > MAX_CHANGES ||
            bytes > MAX_TRANSACTION_BYTES ||
            new Set(changes.map(partitionOf)).size > 1
          )
            throw new TableRefusedError(name, undefined);
          for (const change of changes) check(name, rows, change);
          return changes.map(apply);
        }),
      async *query(query: Query = {}) {
        yield* await request('query', () => {
          const conditions = conditionsOf(query);
          return [...rows]
            .filter(([, row]) => conditions.every((holds) => holds(row as unknown as Row)))
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([, row]) => copy<R>(row) as Stored<R>);
        });
      },
    };
  }
}

/** A column that is undefined is left out of a request, so that a merge keeps what is there. */
const written = (row: object): object =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));

type Row = Record<string, unknown> & RowKey;

function check<R extends RowKey>(name: string, rows: Map<string, Stored<RowKey>>, change: Change<R>): void {
  const known = rows.get(keyOf(change.kind === 'delete' ? change.key : change.row));
  if (change.kind === 'insert' && known) throw new RowExistsError(name, undefined);
  if (change.kind === 'delete' && !known) throw new RowChangedError(name);
  if (change.kind === 'replace' && known?.etag !== change.etag) throw new RowChangedError(name);
}

const keyOf = ({ partitionKey, rowKey }: RowKey): string => `${partitionKey}\u0000${rowKey}`;
const partitionOf = <R extends RowKey>(change: Change<R>): string =>
  (change.kind === 'delete' ? change.key : change.row).partitionKey;
const copy = <R>(row: Stored<RowKey> | undefined): Stored<R> | undefined =>
  row && (structuredClone(row) as unknown as Stored<R>);

type Condition = (row: Row) => boolean;

function conditionsOf({ partitionKey, from, before, where }: Query): Condition[] {
  return [
    ...(partitionKey === undefined ? [] : [(row: Row) => row.partitionKey === partitionKey]),
    ...(from === undefined ? [] : [(row: Row) => row.rowKey >= from]),
    ...(before === undefined ? [] : [(row: Row) => row.rowKey < before]),
    ...(where === undefined ? [] : where.split(' and ').map(anyOf)),
  ];
}

/** Alternatives stand in brackets. */
function anyOf(text: string): Condition {
  const conditions = text
    .replace(/^\((.*)\)$/, '$1')
    .split(' or ')
    .map(conditionOf);
  return (row) => conditions.some((condition) => condition(row));
}

function conditionOf(condition: string): Condition {
  const [, name = '', operator = '', text, digits] =
    /^(\w+) (eq|ne|ge|gt|lt|le) (?:'(.*)'|(\d+))$/.exec(condition) ?? [];
  const compare = comparisons[operator];
  if (!compare) throw new Error(`The condition ${condition} has a form that is unknown here.`);
  const value = text ?? Number(digits);
  const column = name.charAt(0).toLowerCase() + name.slice(1);
  return (row) => {
    const found = row[column] as string | number;
    // A row without the column meets no condition on it.
    return typeof found === typeof value && compare(found, value);
  };
}

type Comparison = (column: string | number, value: string | number) => boolean;
const comparisons: Record<string, Comparison> = {
  eq: (column, value) => column === value,
  ne: (column, value) => column !== value,
  ge: (column, value) => column >= value,
  gt: (column, value) => column > value,
  lt: (column, value) => column < value,
  le: (column, value) => column <= value,
};
