import { createFloat64Column, createUint16Column } from './columns.ts';

export interface ScoreCell {
  /** Number of its use-case instance. */
  instance: number;
  /** Number of its KPI. */
  slot: number;
  /** Undefined: cleared. */
  score: number | undefined;
  /** How often it was put. */
  puts: number;
  /** ms, UTC. */
  created: number;
  updated: number;
}

export const MOST_KPIS = 1024;

/** KPI scores by instance and KPI, as columns: there may be millions. */
export class ScoreStore {
  /** Instance number × MOST_KPIS + KPI slot to the row. */
  readonly #rows = new Map<number, number>();
  readonly #keys = createFloat64Column();
  readonly #scores = createFloat64Column();
  readonly #puts = createUint16Column();
  readonly #created = createFloat64Column();
  readonly #updated = createFloat64Column();

  get size(): number {
    return this.#rows.size;
  }

  /** The last score wins. */
  put(instance: number, slot: number, score: number | undefined, now: number): void {
    const key = instance * MOST_KPIS + slot;
    const known = this.#rows.get(key);
    const row = known ?? this.#rows.size;
    if (known === undefined) {
      this.#rows.set(key, row);
      this.#keys.set(row, key);
      this.#created.set(row, now);
    }
    this.#scores.set(row, score ?? Number.NaN);
    this.#puts.add(row, 1);
    this.#updated.set(row, now);
  }

  find(instance: number, slot: number): ScoreCell | undefined {
    const row = this.#rows.get(instance * MOST_KPIS + slot);
    return row === undefined ? undefined : this.at(row);
  }

  /** The score in a row, 0 to `size` - 1, in the order in which they were first put. */
  at(row: number): ScoreCell {
    const key = this.#keys.get(row);
    const score = this.#scores.get(row);
    return {
      instance: Math.floor(key / MOST_KPIS),
      slot: key % MOST_KPIS,
      score: Number.isNaN(score) ? undefined : score,
      puts: this.#puts.get(row),
      created: this.#created.get(row),
      updated: this.#updated.get(row),
    };
  }
}
