import { MAX_CHANGES, type Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { type HeldCall, type JournalRow, journalKey, type OwnerRow } from './owner-rows.ts';

/** Characters of one row's list: a text column takes 64 KiB in UTF-16. */
const PAGE_CHARACTERS = 30_000;
/** Calls that end sooner are never written. */
const WRITE_AFTER_MS = 250;

/** No list of ids. */
const UNKNOWN = '?';

/**
 * Calls in flight, written behind so that a call need not wait for it. What dies unwritten is still counted as spent
 * (its slice is); the journal only names the calls.
 */
export class HoldJournal {
  readonly #ownerId: string;
  readonly #table: Table<OwnerRow>;
  readonly #clock: Clock;
  readonly #calls = new Map<string, { call: () => HeldCall; sinceMs: number }>();
  #written = '';
  #pages = 0;

  constructor(ownerId: string, table: Table<OwnerRow>, clock: Clock) {
    this.#ownerId = ownerId;
    this.#table = table;
    this.#clock = clock;
  }

  add(holdId: string, call: () => HeldCall): void {
    this.#calls.set(holdId, { call, sinceMs: this.#clock.now() });
  }

  remove(holdId: string): void {
    this.#calls.delete(holdId);
  }

  /** A call holds more than it did. */
  changed(holdId: string): void {
    if (this.#calls.has(holdId)) this.#written = UNKNOWN;
  }

  /** Calls in flight. */
  get size(): number {
    return this.#calls.size;
  }

  /** Writes the list of calls that last longer than this if it changed. Call it again and again, one at a time. */
  async write(afterMs = WRITE_AFTER_MS): Promise<void> {
    const before = this.#clock.now() - afterMs;
    const due = [...this.#calls].filter(([, { sinceMs }]) => sinceMs <= before);
    const ids = due.map(([holdId]) => holdId).join();
    if (ids === this.#written) return;
    const pages = paged(due.map(([, { call }]) => JSON.stringify(call())));
    const rows: JournalRow[] = pages.map((calls, page) => ({
      partitionKey: this.#ownerId,
      rowKey: journalKey(page),
      calls,
    }));
    // Emptied rather than deleted: a delete of a row that is gone fails the transaction.
    for (let page = rows.length; page < this.#pages; page++) {
      rows.push({ partitionKey: this.#ownerId, rowKey: journalKey(page), calls: '[]' });
    }
    if (rows.length > 0) await this.#table.transact(rows.slice(0, MAX_CHANGES).map((row) => ({ kind: 'upsert', row })));
    this.#pages = rows.length;
    this.#written = ids;
  }

  /** Deletes the list. */
  async clear(): Promise<void> {
    for (let page = 0; page < this.#pages; page++) {
      await this.#table.remove({ partitionKey: this.#ownerId, rowKey: journalKey(page) });
    }
    this.#pages = 0;
    this.#written = '';
  }
}

function paged(calls: string[]): string[] {
  const pages: string[][] = [];
  let characters = 0;
  for (const call of calls) {
    characters += call.length + 1;
    const page = characters > PAGE_CHARACTERS ? undefined : pages.at(-1);
    if (page) page.push(call);
    else {
      pages.push([call]);
      characters = call.length + 1;
    }
  }
  return pages.map((page) => `[${page.join(',')}]`);
}
