import type { Outcome } from '../../events/usage-event.ts';
import { addFigures, noUsage, type UsageFigures } from '../usage-figures.ts';
import { compareValues, type GroupValues, placeOfDimension, type UsageGroup, valueReader } from '../usage-group.ts';
import { groupFilter, intervalOf, type RowPlace, sortedBy, type UsageQuery } from './usage-query.ts';

/** A row of the answer before it is written: figures, and how many calls ended how. */
export interface UsageSum {
  place: RowPlace;
  figures: UsageFigures;
  outcomes: Map<Outcome, number>;
}

/** Adds groups up to the rows that a query asks for. */
export class UsageRows {
  readonly #query: UsageQuery;
  readonly #values: ((values: GroupValues) => string)[];
  readonly #isAsked: (values: GroupValues) => boolean;
  readonly #rows = new Map<string, UsageSum>();

  constructor(query: UsageQuery) {
    this.#query = query;
    this.#values = sortedBy(query.groupBy).map(valueReader);
    const matches = groupFilter(query.filters);
    const { allowed } = query;
    const useCaseOf = valueReader('useCase');
    this.#isAsked = allowed ? (values) => matches(values) && allowed.includes(useCaseOf(values)) : matches;
  }

  /** Rows so far, those before the page left out. */
  get size(): number {
    return this.#rows.size;
  }

  /** @param span of the group; not longer than the interval */
  add(span: string, { values, figures }: UsageGroup): void {
    const { interval, after } = this.#query;
    if (!this.#isAsked(values)) return;
    const place = [...this.#values.map((read) => read(values)), intervalOf(span, interval)];
    if (after && compareValues(place, after) <= 0) return;
    const key = JSON.stringify(place);
    let row = this.#rows.get(key);
    if (!row) {
      row = { place, figures: noUsage(), outcomes: new Map() };
      this.#rows.set(key, row);
    }
    addFigures(row.figures, figures);
    const outcome = values[placeOfDimension('outcome')] as Outcome;
    row.outcomes.set(outcome, (row.outcomes.get(outcome) ?? 0) + figures.requests);
  }

  /** The rows in order. */
  sorted(): UsageSum[] {
    return [...this.#rows.values()].sort((a, b) => compareValues(a.place, b.place));
  }
}
