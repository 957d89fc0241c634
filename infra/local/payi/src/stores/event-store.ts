import type { IngestItem } from '../ingest/ingest-item.ts';
import type { Charge, PriceVersion, Units } from '../ingest/prices.ts';
import { createFloat64Column, createUint16Column, createUint32Column, Interner } from './columns.ts';
import type { Limit } from './limit-store.ts';

/** What is kept of an ingested event beside its key. */
export interface EventFacts {
  charge: Charge;
  price: PriceVersion | undefined;
  /** ms, UTC. */
  timestamp: number;
  /** Its instance's number; undefined without a use case. */
  instance: number | undefined;
  limits: Limit[];
  status: number;
  step: string | undefined;
  user: string | undefined;
  account: string | undefined;
}

const NONE = 0xffffffff;

/** The ingested events, as columns: some 50 bytes an event beside its key. The latest ones are also kept whole. */
export class EventStore {
  readonly #rows = new Map<string, Map<string, number>>();
  readonly #ids: (string | undefined)[] = [];
  readonly #categories = createUint16Column();
  readonly #inputs = createFloat64Column();
  readonly #outputs = createFloat64Column();
  readonly #timestamps = createFloat64Column();
  readonly #instances = createUint32Column();
  readonly #limitSets = createUint32Column();
  readonly #statuses = createUint16Column();
  readonly #steps = createUint32Column();
  readonly #users = createUint32Column();
  readonly #accounts = createUint32Column();
  readonly #prices = createUint16Column();
  readonly #accepted = createUint16Column();
  readonly #duplicates = createUint16Column();
  readonly #upserts = createUint16Column();
  readonly #names = new Interner();
  readonly #categoryNames = new Interner();
  readonly #priceList: (PriceVersion | undefined)[] = [undefined];
  readonly #priceNumbers = new Map<PriceVersion, number>();
  readonly #setList: Limit[][] = [];
  readonly #setNumbers = new Map<Limit[], number>();
  readonly unknownUnits = new Map<number, Units>();
  /** A ring: a place for each of the latest rows. */
  readonly #whole: { row: number; item: IngestItem }[] = [];
  readonly #keepWhole: number;
  /** Totals over all events. */
  readonly totals = { accepted: 0, duplicates: 0, upserts: 0, doubledEvents: 0 };

  constructor(keepWhole: number) {
    this.#keepWhole = keepWhole;
  }

  get size(): number {
    return this.#ids.length;
  }

  find(category: string, responseId: string): number | undefined {
    return this.#rows.get(category)?.get(responseId);
  }

  add(item: IngestItem, facts: EventFacts): number {
    const row = this.#ids.length;
    const id = item.provider_response_id || undefined;
    this.#ids.push(id);
    this.#categories.set(row, this.#categoryNames.number(item.category));
    if (id) {
      const ids = this.#rows.get(item.category) ?? new Map<string, number>();
      this.#rows.set(item.category, ids.set(id, row));
    }
    this.#set(row, item, facts);
    this.#accepted.set(row, 1);
    this.totals.accepted += 1;
    return row;
  }

  replace(row: number, item: IngestItem, facts: EventFacts): void {
    this.#set(row, item, facts);
    this.#accepted.add(row, 1);
    this.#upserts.add(row, 1);
    this.totals.accepted += 1;
    this.totals.upserts += 1;
  }

  /** An event that was sent again as if it were new: seen, not charged. */
  repeat(row: number): void {
    if (this.#duplicates.get(row) === 0) this.totals.doubledEvents += 1;
    this.#accepted.add(row, 1);
    this.#duplicates.add(row, 1);
    this.totals.accepted += 1;
    this.totals.duplicates += 1;
  }

  facts(row: number): EventFacts | undefined {
    if (row >= this.#ids.length) return undefined;
    const instance = this.#instances.get(row);
    return {
      charge: {
        input: this.#inputs.get(row),
        output: this.#outputs.get(row),
        unknownUnits: this.unknownUnits.get(row),
      },
      price: this.#priceList[this.#prices.get(row)],
      timestamp: this.#timestamps.get(row),
      instance: instance === NONE ? undefined : instance,
      limits: this.#setList[this.#limitSets.get(row)] ?? [],
      status: this.#statuses.get(row),
      step: this.#names.value(this.#steps.get(row)),
      user: this.#names.value(this.#users.get(row)),
      account: this.#names.value(this.#accounts.get(row)),
    };
  }

  counts(row: number): { accepted: number; duplicates: number; upserts: number } {
    return {
      accepted: this.#accepted.get(row),
      duplicates: this.#duplicates.get(row),
      upserts: this.#upserts.get(row),
    };
  }

  /** The item as it came last, while it is among the latest ones. */
  item(row: number): IngestItem | undefined {
    const kept = this.#whole[row % this.#keepWhole];
    return kept?.row === row ? kept.item : undefined;
  }

  /** The category and response id of an event; without the latter nothing can find it again. */
  key(row: number): { category: string; responseId: string | undefined } {
    return { category: this.#categoryNames.value(this.#categories.get(row)) ?? '', responseId: this.#ids[row] };
  }

  #set(row: number, item: IngestItem, facts: EventFacts): void {
    this.#inputs.set(row, facts.charge.input);
    this.#outputs.set(row, facts.charge.output);
    this.#timestamps.set(row, facts.timestamp);
    this.#instances.set(row, facts.instance ?? NONE);
    this.#limitSets.set(row, numberOf(this.#setNumbers, this.#setList, facts.limits));
    this.#statuses.set(row, facts.status);
    this.#steps.set(row, this.#names.number(facts.step));
    this.#users.set(row, this.#names.number(facts.user));
    this.#accounts.set(row, this.#names.number(facts.account));
    this.#prices.set(row, facts.price ? numberOf(this.#priceNumbers, this.#priceList, facts.price) : 0);
    if (facts.charge.unknownUnits) this.unknownUnits.set(row, facts.charge.unknownUnits);
    else this.unknownUnits.delete(row);
    if (row >= this.#ids.length - this.#keepWhole) this.#whole[row % this.#keepWhole] = { row, item };
  }
}

function numberOf<T>(numbers: Map<T, number>, values: (T | undefined)[], value: T): number {
  let number = numbers.get(value);
  if (number === undefined) {
    number = values.length;
    values.push(value);
    numbers.set(value, number);
  }
  return number;
}
