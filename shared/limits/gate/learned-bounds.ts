import { larger } from '../state/limit-math.ts';

/** What server tools are taken to cost before anything was learned of them: 0.25 USD. */
const PRIOR_NANO = 250_000_000n;
const ENOUGH = 20;
const REMEMBERED = 256;
const QUANTILE = 0.99;

/**
 * What the server tools of one kind of call have recently cost. The bound is the 0.99 quantile and a quarter on top; before
 * there are 20 costs, twice the dearest or 0.25 USD, whichever is more.
 */
export class LearnedBound {
  #costs: bigint[];
  #next = 0;
  #bound: bigint | undefined;

  constructor(costs: readonly bigint[] = []) {
    this.#costs = costs.slice(-REMEMBERED);
  }

  /** In nano-USD, oldest first. */
  get costs(): bigint[] {
    return [...this.#costs.slice(this.#next), ...this.#costs.slice(0, this.#next)];
  }

  add(cost: bigint): void {
    if (this.#costs.length < REMEMBERED) {
      this.#costs.push(cost);
    } else {
      this.#costs[this.#next] = cost;
      this.#next = (this.#next + 1) % REMEMBERED;
    }
    this.#bound = undefined;
  }

  /** nano-USD. */
  get boundNano(): bigint {
    this.#bound ??= this.#work();
    return this.#bound;
  }

  #work(): bigint {
    const sorted = [...this.#costs].sort((a, b) => Number(a - b));
    const most = sorted.at(-1) ?? 0n;
    if (sorted.length < ENOUGH) return larger(PRIOR_NANO, 2n * most);
    const high = sorted[Math.ceil(QUANTILE * sorted.length) - 1] ?? most;
    return (high * 5n) / 4n;
  }
}
