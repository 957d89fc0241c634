import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import type { RowKey, Table } from '../../tables/table.ts';
import { tableKey } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import type { Policy } from '../policies/policy.ts';
import type { LimitUnit } from '../policies/units.ts';
import { LearnedBound } from './learned-bounds.ts';

/** What the server tools of one kind of call recently used under one policy, in its unit, separated by commas. */
export interface LearnedRow extends RowKey {
  costs: string;
  /** The last call of this kind. Rows of versions without it count as old. */
  learnedAt?: Date;
}

const PARTITION = 'learned';
/** Policies times kinds that one process keeps. Beyond it a kind is bounded as one of which nothing is known. */
const MAX_KEPT = 2_000;

/** Whose calls they are, and in which unit they count. */
type Learner = Pick<Policy, 'name' | 'unit'>;

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

  /** In the policy's unit. */
  boundOf(policy: Learner, kind: string): bigint {
    return (this.#kept(policy, kind) ?? new LearnedBound([], policy.unit)).bound;
  }

  /** `cost` in the policy's unit. */
  add(policy: Learner, kind: string, cost: bigint): void {
    const key = keyOf(policy, kind);
    const bound = this.#kept(policy, kind);
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
      const merged = new LearnedBound([...(found ? decode(found.costs) : []), ...fresh], unitIn(key));
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
  #kept(policy: Learner, kind: string): LearnedBound | undefined {
    const key = keyOf(policy, kind);
    let bound = this.#bounds.get(key);
    if (!bound && this.#bounds.size < MAX_KEPT) {
      bound = new LearnedBound([], policy.unit);
      this.#bounds.set(key, bound);
      this.#unread.add(key);
    }
    return bound;
  }
}

/** A dot is not in a policy's name. */
const keyOf = ({ name, unit }: Learner, kind: string): string =>
  unit === 'usd' ? `${name}:${kind}` : `${name}.${unit}:${kind}`;
const unitIn = (key: string): LimitUnit => (/^[^:.]+\.([a-z_]+):/.exec(key)?.[1] ?? 'usd') as LimitUnit;

const decode = (costs: string): bigint[] => (costs === '' ? [] : costs.split(',').map(BigInt));
