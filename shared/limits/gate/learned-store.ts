import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import type { RowKey, Table } from '../../tables/table.ts';
import { tableKey } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { LearnedBound } from './learned-bounds.ts';

/** What the server tools of one kind of call recently cost under one policy, in nano-USD, separated by commas. */
export interface LearnedRow extends RowKey {
  costs: string;
  /** The last call of this kind. Rows of versions without it count as old. */
  learnedAt?: Date;
}

const PARTITION = 'learned';
/** Policies times kinds that one process keeps. Beyond it a kind is bounded as one of which nothing is known. */
const MAX_KEPT = 2_000;
const nothingLearned = new LearnedBound();

/**
 * What all processes have learned, by policy and kind of call: names that a caller chooses are not part of it. Bounds are
 * answered from memory; the table is read and written behind.
 */
export class LearnedStore {
  readonly #table: Table<LearnedRow>;
  readonly #clock: Clock;
  readonly #bounds = new Map<string, LearnedBound>();
  readonly #unwritten = new Map<string, bigint[]>();
  readonly #unread = new Set<string>();

  constructor(table: Table<LearnedRow>, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** nano-USD. */
  boundNano(policyName: string, kind: string): bigint {
    return (this.#kept(keyOf(policyName, kind)) ?? nothingLearned).boundNano;
  }

  /** `cost` in nano-USD. */
  add(policyName: string, kind: string, cost: bigint): void {
    const key = keyOf(policyName, kind);
    const bound = this.#kept(key);
    if (!bound) return;
    bound.add(cost);
    this.#unwritten.set(key, [...(this.#unwritten.get(key) ?? []), cost]);
  }

  /** Reads what others learned and adds what is new here. Call it again and again, one at a time. */
  async sync(): Promise<void> {
    for (const key of new Set([...this.#unread, ...this.#unwritten.keys()])) {
      const rowKey = tableKey(key);
      const found = await this.#table.get(PARTITION, rowKey);
      const fresh = this.#unwritten.get(key) ?? [];
      const merged = new LearnedBound([...(found ? decode(found.costs) : []), ...fresh]);
      if (fresh.length > 0) {
        const learnedAt = new Date(this.#clock.now());
        const row = { partitionKey: PARTITION, rowKey, costs: merged.costs.join(), learnedAt };
        try {
          await (found ? this.#table.replace(row, found.etag) : this.#table.insert(row));
        } catch (error) {
          // Another process was first: the next round merges with what it wrote.
          if (error instanceof RowChangedError || error instanceof RowExistsError) continue;
          throw error;
        }
        const since = (this.#unwritten.get(key) ?? []).slice(fresh.length);
        if (since.length > 0) this.#unwritten.set(key, since);
        else this.#unwritten.delete(key);
      }
      for (const cost of this.#unwritten.get(key) ?? []) merged.add(cost);
      this.#bounds.set(key, merged);
      this.#unread.delete(key);
    }
  }

  /** Deletes what nobody has added to since then (ms, UTC). @returns how many rows */
  async prune(beforeMs: number): Promise<number> {
    let rows = 0;
    for await (const { partitionKey, rowKey, learnedAt, etag } of this.#table.query({ partitionKey: PARTITION })) {
      if (learnedAt !== undefined && learnedAt.getTime() >= beforeMs) continue;
      try {
        if (await this.#table.remove({ partitionKey, rowKey }, etag)) rows += 1;
      } catch (error) {
        // It was added to in the meantime.
        if (!(error instanceof RowChangedError)) throw error;
      }
    }
    return rows;
  }

  /** Undefined for one more than are kept. */
  #kept(key: string): LearnedBound | undefined {
    let bound = this.#bounds.get(key);
    if (!bound && this.#bounds.size < MAX_KEPT) {
      bound = new LearnedBound();
      this.#bounds.set(key, bound);
      this.#unread.add(key);
    }
    return bound;
  }
}

const keyOf = (policyName: string, kind: string): string => `${policyName}:${kind}`;
const decode = (costs: string): bigint[] => (costs === '' ? [] : costs.split(',').map(BigInt));
