import { RowChangedError, RowExistsError } from '../../tables/errors.ts';
import type { RowKey, Table } from '../../tables/table.ts';
import { tableKey } from '../../tables/table.ts';
import { LearnedBound } from './learned-bounds.ts';

/** The latest costs of one kind of call, in nano-USD, separated by commas. */
export interface LearnedRow extends RowKey {
  costs: string;
}

const PARTITION = 'learned';

/** What all processes have learned, by key. Bounds are answered from memory; the table is read and written behind. */
export class LearnedStore {
  readonly #table: Table<LearnedRow>;
  readonly #bounds = new Map<string, LearnedBound>();
  readonly #unwritten = new Map<string, bigint[]>();
  readonly #unread = new Set<string>();

  constructor(table: Table<LearnedRow>) {
    this.#table = table;
  }

  /** nano-USD. */
  boundNano(key: string): bigint {
    let bound = this.#bounds.get(key);
    if (!bound) {
      bound = new LearnedBound();
      this.#bounds.set(key, bound);
      this.#unread.add(key);
    }
    return bound.boundNano;
  }

  add(key: string, cost: bigint): void {
    this.boundNano(key);
    this.#bounds.get(key)?.add(cost);
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
        const row = { partitionKey: PARTITION, rowKey, costs: merged.costs.join() };
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
}

const decode = (costs: string): bigint[] => (costs === '' ? [] : costs.split(',').map(BigInt));
