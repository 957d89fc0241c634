import type { SyncPlan } from '../state/limit-math.ts';
import type { AccountContext } from './account-context.ts';

/** A call that has no room waits so long where other processes hold budget of which they may not need all, in ms. */
const MAY_COME_MS = 500;
/** And where they hold enough that they did not use when they last wrote: they give it back by then. */
const WILL_COME_MS = 1_600;
/** Between two looks at the table. */
const PAUSE_MS = 50;

interface Waiting {
  amount: bigint;
  resolve(taken: boolean): void;
}

/** Calls that have no room for the moment. They get what calls of this process give back, in the order in which they came. */
export class RoomQueue {
  readonly #home: Pick<AccountContext, 'clock' | 'random'>;
  readonly #tryTake: (amount: bigint) => boolean;
  #waiting: Waiting[] = [];
  #pausing = false;

  constructor(home: Pick<AccountContext, 'clock' | 'random'>, tryTake: (amount: bigint) => boolean) {
    this.#home = home;
    this.#tryTake = tryTake;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** True when other processes may yet give back enough for a call that came at `sinceMs`. Amounts in nano-USD. */
  worthWaiting({ leftNano, elsewhereNano, idleElsewhereNano }: SyncPlan, amount: bigint, sinceMs: number): boolean {
    const waitedMs = this.#home.clock.now() - sinceMs;
    if (leftNano + idleElsewhereNano >= amount) return waitedMs < WILL_COME_MS;
    return leftNano + elsewhereNano >= amount && waitedMs < MAY_COME_MS;
  }

  /** True when the call got its amount; false when it is time to look at the table again. */
  wait(amount: bigint): Promise<boolean> {
    return new Promise((resolve) => {
      this.#waiting.push({ amount, resolve });
      if (!this.#pausing) void this.#pause();
    });
  }

  /** Gives what there is to those who wait. */
  serve(): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter(({ amount, resolve }) => {
      if (!this.#tryTake(amount)) return true;
      resolve(true);
      return false;
    });
  }

  async #pause(): Promise<void> {
    this.#pausing = true;
    // Processes that wait for the same budget do not all look at once.
    await this.#home.clock.sleep(PAUSE_MS * (0.5 + this.#home.random()));
    this.#pausing = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve } of waiting) resolve(false);
  }
}
