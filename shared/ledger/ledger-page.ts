import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Query, RowKey } from '../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../tables/text-columns.ts';
import { split } from '../util/split.ts';
import { hashesOfRows } from './instance-hash.ts';
import type { LedgerRow } from './ledger-row.ts';

/**
 * Many rows of one partition in one: JSON, deflated, in base64. Its key begins with its lowest event id and names the set of
 * its events, so that the same batch delivered again writes the same page, and no other batch writes over it.
 */
export interface LedgerPage extends RowKey, TextColumns {
  lastId: string;
  /** Hashes of its instances (`hashesOfRows`), so that one is looked for without reading the page. Absent in pages of older releases. */
  instances?: string;
}

/** Sorts behind every event id, so that a reader of a partition meets the single rows first. */
const PREFIX = 'page.';
/** A row takes 1 MiB, in UTF-16. Even when nothing is saved by deflating, base64 makes 800 kB of this. */
const PAGE_BYTES = 300_000;
const PAGE_ROWS = 500;

export const isPage = (row: RowKey): row is LedgerPage => row.rowKey.startsWith(PREFIX);

/** @param rows of one partition */
export function pagesOf(partitionKey: string, rows: LedgerRow[]): LedgerPage[] {
  const texts = rows.map((row) => ({ id: row.rowKey, row, text: textOf(row) })).sort((a, b) => (a.id < b.id ? -1 : 1));
  return split(texts, ({ text }) => Buffer.byteLength(text), PAGE_ROWS, PAGE_BYTES).map((run) => ({
    partitionKey,
    rowKey: `${PREFIX}${run[0]?.id}.${hashOf(run.map(({ id }) => id))}`,
    lastId: run.at(-1)?.id ?? '',
    instances: hashesOfRows(
      partitionKey,
      run.map(({ row }) => row),
    ),
    ...encode(run.map(({ text }) => text)),
  }));
}

/** What a page holds, of rows that fit one. */
export const columnsOf = (rows: LedgerRow[]): TextColumns => encode(rows.map(textOf));

const encode = (texts: string[]): TextColumns =>
  toColumns(deflateRawSync(`[${texts.join()}]`, { level: 1 }).toString('base64'));

export function rowsOf(page: LedgerPage): LedgerRow[] {
  const json = inflateRawSync(Buffer.from(fromColumns(page), 'base64')).toString();
  const rows = JSON.parse(json) as LedgerRow[];
  // In place: a fold reads millions of them.
  for (const row of rows) {
    row.partitionKey = page.partitionKey;
    if (row.estimatedCost !== undefined) row.estimatedCost = BigInt(row.estimatedCost);
    if (row.pricedCost !== undefined) row.pricedCost = BigInt(row.pricedCost);
  }
  return rows;
}

/** The few pages of a partition that may hold the event: those whose ids begin below it and end above. */
export const pagesAround = (partitionKey: string, eventId: string): Query => ({
  partitionKey,
  from: PREFIX,
  before: `${PREFIX}${eventId}~`,
  where: `lastId ge '${eventId}'`,
});

const hashOf = (ids: string[]): string => createHash('sha256').update(ids.join()).digest('base64url').slice(0, 16);

/** The page knows the partition; JSON has no bigint. */
const textOf = (row: LedgerRow): string =>
  JSON.stringify({
    ...row,
    partitionKey: undefined,
    estimatedCost: row.estimatedCost?.toString(),
    pricedCost: row.pricedCost?.toString(),
  });
