import type { Units } from '../events/usage-event.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { hasOwnPrices, pricedModel } from '../pricing/price-book.ts';
import { type Modifier, modifierNames } from '../pricing/price-row.ts';
import { priceUnits } from '../pricing/price-units.ts';
import { type Amounts, addAmounts, billedAmountsOf, noBilledAmounts } from './amounts.ts';
import { EventGroups, type GroupedEvent } from './event-group.ts';
import type { Reason } from './reasons.ts';

/** Rows are by these. */
export interface BookName {
  /** Pay-i's category, which names the provider. */
  category: string;
  model: string;
  /** What changes the price besides the units, comma-separated; '' for nothing. */
  modifiers: string;
}

/** The day's calls of one model with the same modifiers, by the ledger. Costs are nano-USD. */
export interface Book extends BookName {
  events: number;
  amounts: Amounts;
  cost: bigint;
  payi: {
    /** What Pay-i has of them, where it is known. */
    cost: bigint;
    /** Events whose price at Pay-i is not known. */
    unknown: number;
    groups: EventGroups<Reason>;
  };
  /** Events that can explain a difference from the provider. */
  provider: EventGroups<Reason>;
}

/** What Pay-i has of an event: a price in nano-USD, or nothing. */
export type PayiView = bigint | 'missing';

/** More names than these share one book. */
const MOST_BOOKS = 500;
const others: BookName = { category: 'other', model: 'other', modifiers: '' };
/** Pay-i names prices in USD as floats, and ours are rounded up once. */
const ROUNDING = 1n;

/** The books of a day (UTC), filled by the rows of the ledger one after the other: memory is bounded by the names that occur. */
export class DayBooks {
  readonly #books = new Map<string, Book>();
  readonly #startMs: number;
  readonly #endMs: number;

  /** @param startMs @param endMs ms, UTC */
  constructor(startMs: number, endMs: number) {
    this.#startMs = startMs;
    this.#endMs = endMs;
  }

  /** Counts a call of the day. @returns whether Pay-i took it without naming its price */
  add(row: LedgerRow): boolean {
    const book = this.#of(row);
    const amounts = billedAmountsOf(unitsOf(row));
    const ours = row.estimatedCost ?? 0n;
    book.events += 1;
    book.cost += ours;
    addAmounts(book.amounts, amounts);
    this.#addProviderReasons(book, row, { eventId: row.rowKey, amounts, ours, theirs: ours });
    // What costs nothing here and used nothing cannot differ by a price.
    const isNothing = row.estimatedCost === 0n && !usesAny(amounts);
    if (row.state !== 'ingested') {
      if (isNothing) return false;
      const reason = row.state === 'waiting' ? 'waiting' : 'dead_letter';
      book.payi.groups.add(reason, { eventId: row.rowKey, amounts, ours, theirs: 0n });
      return false;
    }
    if (row.pricedCost === undefined && !isNothing) return true;
    this.addPayi(row, row.pricedCost ?? 0n);
    return false;
  }

  /** What Pay-i has of a call for which `add` returned true; undefined where it is not known. */
  addPayi(row: LedgerRow, view: PayiView | undefined): void {
    const { payi } = this.#of(row);
    if (view === undefined) {
      payi.unknown += 1;
      return;
    }
    const ours = row.estimatedCost ?? 0n;
    const theirs = view === 'missing' ? 0n : view;
    payi.cost += theirs;
    const difference = theirs - ours;
    if (view !== 'missing' && difference <= ROUNDING && difference >= -ROUNDING) return;
    const reason = payiReason(row, view);
    payi.groups.add(reason, { eventId: row.rowKey, amounts: billedAmountsOf(unitsOf(row)), ours, theirs });
  }

  /** A call of the hour before the day. */
  addEarlier(row: LedgerRow): void {
    if (endOf(row) < this.#startMs) return;
    this.#of(row).provider.add('began_before', outsideOf(row));
  }

  /** A call of the day that is published and not in the ledger. */
  addUnwritten(row: LedgerRow): void {
    this.#of(row).provider.add('not_in_ledger', outsideOf(row));
  }

  all(): Book[] {
    return [...this.#books.values()];
  }

  #addProviderReasons(book: Book, row: LedgerRow, event: GroupedEvent): void {
    const atMs = Date.parse(row.occurredAt);
    if (row.outcome === 'abandoned') book.provider.add('abandoned', event);
    else {
      if (row.unitsEstimated) book.provider.add('estimated', event);
      const today = priceToday(row, atMs);
      if (today === null) book.provider.add('no_price', event);
      else if (today !== row.estimatedCost) book.provider.add('corrected_prices', { ...event, theirs: today });
    }
    if (hasOwnPrices(row.resource ?? '', atMs)) book.provider.add('own_prices', event);
    if (row.modifiers?.includes('batch')) book.provider.add('batch', event);
    else if (endOf(row) >= this.#endMs) book.provider.add('ended_after', event);
  }

  #of({ category = '', resource = '', modifiers = '' }: LedgerRow): Book {
    const name = { category, model: pricedModel(resource) ?? resource, modifiers };
    return this.#books.get(bookKey(name)) ?? this.#open(this.#books.size < MOST_BOOKS ? name : others);
  }

  #open(name: BookName): Book {
    const key = bookKey(name);
    const book = this.#books.get(key) ?? emptyBook(name);
    this.#books.set(key, book);
    return book;
  }
}

export const bookKey = ({ category, model, modifiers }: BookName): string => `${category}\n${model}\n${modifiers}`;

export const emptyBook = (name: BookName): Book => ({
  ...name,
  events: 0,
  amounts: noBilledAmounts(),
  cost: 0n,
  payi: { cost: 0n, unknown: 0, groups: new EventGroups() },
  provider: new EventGroups(),
});

function payiReason(row: LedgerRow, view: PayiView): Reason {
  const atMs = Date.parse(row.occurredAt);
  if (view === 'missing') return 'payi_unknown';
  if (row.outcome === 'abandoned') return 'abandoned';
  if (view === 0n) return 'payi_zero';
  if (row.estimatedCost === undefined) return 'no_price';
  if (row.modifiers !== undefined) return 'modifiers';
  if (hasOwnPrices(row.resource ?? '', atMs)) return 'own_prices';
  return priceToday(row, atMs) === row.estimatedCost ? 'payi_price' : 'corrected_prices';
}

/** What the call costs by the prices that the app has now for its time; null: unknown. */
const priceToday = (row: LedgerRow, atMs: number): bigint | null =>
  priceUnits({ model: row.resource ?? '', units: unitsOf(row), atMs, modifiers: modifiersOf(row) });

const modifiersOf = ({ modifiers = '' }: LedgerRow): Modifier[] =>
  modifierNames.filter((name) => modifiers.split(',').includes(name));

const unitsOf = ({ units }: LedgerRow): Units => (units === undefined ? {} : (JSON.parse(units) as Units));

const endOf = ({ occurredAt, endToEndLatencyMs = 0 }: LedgerRow): number => Date.parse(occurredAt) + endToEndLatencyMs;

const usesAny = (amounts: Amounts): boolean => Object.values(amounts).some((amount) => amount > 0);

/** An event that the day's ledger does not count. */
function outsideOf(row: LedgerRow): GroupedEvent {
  return { eventId: row.rowKey, amounts: billedAmountsOf(unitsOf(row)), ours: 0n, theirs: row.estimatedCost ?? 0n };
}
