import { createHash } from 'node:crypto';

/** What a column of a row can hold. `bigint` is Edm.Int64 (all money), `Date` is Edm.DateTime in UTC. */
export type Value = string | number | boolean | bigint | Date;

/** The key of a row. Neither part may hold `/`, `\`, `#`, `?`, braces or control characters: see `tableKey`. */
export interface RowKey {
  partitionKey: string;
  rowKey: string;
}

/** A row as it was read. */
export type Stored<R> = R & { etag: string };

/** One step of an entity group transaction. Deletes in one are unconditional. */
export type Change<R extends RowKey> =
  | { kind: 'insert'; row: R }
  /** Writes the whole row, whether it exists or not. */
  | { kind: 'upsert'; row: R }
  /** Writes the given columns and keeps the others; the row is made when it is absent. */
  | { kind: 'merge'; row: RowKey & Partial<R> }
  /** Writes the whole row if it still has this ETag. */
  | { kind: 'replace'; row: R; etag: string }
  | { kind: 'delete'; key: RowKey };

/** Rows in order of their keys. Without a partition the whole table is read. */
export interface Query {
  partitionKey?: string;
  /** Row keys from this one on. */
  from?: string;
  /** Row keys below this one. */
  before?: string;
  /** A further condition in OData, built with `odata` of `@azure/data-tables`. */
  where?: string;
  /** Only these columns. */
  select?: string[];
}

/**
 * One table. Its rows are flat objects whose columns are `Value`s; an `undefined` column is left out.
 * Every method throws `TableBusyError` (refused, nothing was written) or `TableUncertainError` (no answer: a write may
 * have happened) when the service fails and repeating did not help. Writes that would be wrong when done twice
 * (`insert`, `replace`, a `transact` with one of them or a delete) are repeated only after a refusal.
 */
export interface Table<R extends RowKey> {
  get(partitionKey: string, rowKey: string): Promise<Stored<R> | undefined>;
  /** The new ETag. @throws RowExistsError */
  insert(row: R): Promise<string>;
  /** False when the row exists already. */
  insertIfAbsent(row: R): Promise<boolean>;
  /** Writes the whole row, whether it exists or not. The new ETag. */
  upsert(row: R): Promise<string>;
  /** Writes the given columns and keeps the others; the row is made when it is absent. The new ETag. */
  merge(row: RowKey & Partial<R>): Promise<string>;
  /** Writes the whole row if it still has this ETag. The new ETag. @throws RowChangedError */
  replace(row: R, etag: string): Promise<string>;
  /** False when there was no such row. With an ETag: @throws RowChangedError when it has another one. */
  remove(key: RowKey, etag?: string): Promise<boolean>;
  /**
   * All changes or none: at most 100, all of one partition, no row twice. The new ETags by place ('' for a delete).
   * @throws RowExistsError for an insert, RowChangedError for a replace or a delete of an absent row
   */
  transact(changes: Change<R>[]): Promise<string[]>;
  query(query?: Query): AsyncIterable<Stored<R>>;
}

/** The tables of one storage account under one prefix. A table is created at its first use. */
export interface Tables {
  open<R extends RowKey>(name: string): Table<R>;
}

/** Most changes that one entity group transaction takes. */
export const MAX_CHANGES = 100;

/** It takes 4 MiB as well, envelopes included. */
export const MAX_TRANSACTION_BYTES = 3_000_000;

/** Bytes of a row on the wire, at most: JSON within a part of a multipart body. */
export const sizeOf = (row: RowKey): number => Buffer.byteLength(JSON.stringify(row, bigintAsText)) + 1_000;

const bigintAsText = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** Table Storage takes keys of 512 UTF-16 units; some room is left for what is put before one. */
const MAX_KEY = 450;

/**
 * A text as a part of a row's key: what Table Storage (or the SDK's reading of transactions) refuses is encoded, and of a
 * text that is too long only the beginning and a digest are kept.
 */
export function tableKey(text: string): string {
  const key = text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Table Storage refuses them in keys.
    /[/\\#?%{}'\u0000-\u001f\u007f-\u009f]/g,
    (character) => `!${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  if (key.length <= MAX_KEY) return key;
  const digest = createHash('sha256').update(text).digest('hex');
  // Cut before a character, never inside one.
  const cut = /[\ud800-\udbff]/.test(key.charAt(MAX_KEY - digest.length - 2)) ? 2 : 1;
  return `${key.slice(0, MAX_KEY - digest.length - cut)}!${digest}`;
}
