import { larger } from '../state/limit-math.ts';

const WINDOW_MS = 1_000;

/** What calls of this process will soon need of a limit, by what they took recently: twice the last second's, in nano-USD. */
export class RecentDemand {
  #taken = 0n;
  #soon = 0n;
  #sinceMs = 0;

  get soonNano(): bigint {
    return larger(this.#soon, 2n * this.#taken);
  }

  took(amount: bigint): void {
    this.#taken += amount;
  }

  /** The slice was filled up. Demand grows at once and fades slowly, so that a slice does not shrink between two bursts. */
  written(nowMs: number): void {
    if (nowMs - this.#sinceMs < WINDOW_MS) return;
    this.#soon = larger(2n * this.#taken, this.#soon / 2n);
    this.#taken = 0n;
    this.#sinceMs = nowMs;
  }
}
