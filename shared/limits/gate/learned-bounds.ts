import type { LimitUnit } from '../policies/units.ts';
import { larger } from '../state/limit-math.ts';

/** What server tools are taken to use before anything was learned of them: 0.25 USD, or so many tokens. */
const PRIOR_NANO = 250_000_000n;
const PRIOR_TOKENS = 100_000n;
const ENOUGH = 20;
const REMEMBERED = 256;
const QUANTILE = 0.99;

/**
 * What the server tools of one kind of call have recently used, in the unit of a limit. The bound is the 0.99 quantile and a
 * quarter on top; before there are 20 of them, twice the most or the prior, whichever is more.
 */
export class LearnedBound {
  #costs: bigint[];
  readonly #prior: bigint;
  #next = 0;
  #bound: bigint | undefined;

  constructor(costs: readonly bigint[] = [], unit: LimitUnit = 'usd') {
    this.#prior = unit === 'usd' ? PRIOR_NANO : PRIOR_TOKENS;
    this.#costs = costs.slice(-REMEMBERED);
  }

  /** Oldest first. */
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

  get bound(): bigint {
    this.#bound ??= this.#work();
    return this.#bound;
  }

  #work(): bigint {
    const sorted = [...this.#costs].sort((a, b) => Number(a - b));
    const most = sorted.at(-1) ?? 0n;
    if (sorted.length < ENOUGH) return larger(this.#prior, 2n * most);
    const high = sorted[Math.ceil(QUANTILE * sorted.length) - 1] ?? most;
    return (high * 5n) / 4n;
  }
}
