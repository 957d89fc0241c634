import type { Outcome } from '../../events/usage-event.ts';
import { addFigures, noUsage, type UsageFigures } from '../usage-figures.ts';
import { compareValues, placeOfDimension, type UsageGroup } from '../usage-group.ts';
import { intervalOf, matchesFilters, type RowPlace, sortedBy, type UsageQuery } from './usage-query.ts';

/** A row of the answer before it is written: figures, and how many calls ended how. */
export interface UsageSum {
  place: RowPlace;
  figures: UsageFigures;
  outcomes: Map<Outcome, number>;
}

/** Adds groups up to the rows that a query asks for. */
export class UsageRows {
  readonly #query: UsageQuery;
  readonly #places: number[];
  readonly #rows = new Map<string, UsageSum>();

  constructor(query: UsageQuery) {
    this.#query = query;
    this.#places = sortedBy(query.groupBy).map(placeOfDimension);
  }

  /** Rows so far, those before the page left out. */
  get size(): number {
    return this.#rows.size;
  }

  /** @param span of the group; not longer than the interval */
  add(span: string, { values, figures }: UsageGroup): void {
    const { filters, interval, after } = this.#query;
    if (!matchesFilters(values, filters)) return;
    const place = [...this.#places.map((at) => values[at] ?? ''), intervalOf(span, interval)];
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
