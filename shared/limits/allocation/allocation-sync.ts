import type { SyncPlan } from '../state/limit-math.ts';
import type { StateRow } from '../state/limit-rows.ts';
import type { AccountContext } from './account-context.ts';
import type { Allocation } from './allocation.ts';
import { AllocationWriter, type WriteHooks } from './allocation-writer.ts';

export interface Grant {
  plan: SyncPlan;
  ok: boolean;
}

interface Waiter {
  amount: bigint;
  resolve(answer: Grant): void;
  reject(error: unknown): void;
}

/** The writes of a process's part of one limit: one at a time, each for all calls that wait for budget. */
export class AllocationSync {
  readonly #home: AccountContext;
  readonly #slice: Allocation;
  readonly #writer: AllocationWriter;
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  #again = false;

  constructor(limitId: string, slice: Allocation, home: AccountContext, hooks: WriteHooks) {
    this.#home = home;
    this.#slice = slice;
    this.#writer = new AllocationWriter(limitId, slice, home, hooks);
  }

  /** As this process last saw it; undefined before it was read. */
  get state(): StateRow | undefined {
    return this.#writer.state;
  }

  /** True while a write is under way. */
  get running(): boolean {
    return this.#running !== undefined;
  }

  /** True when something changed that only a write makes count. */
  get due(): boolean {
    return this.#again;
  }

  /** Makes a write due. */
  needed(): void {
    this.#again = true;
  }

  /** Asks for budget with the next write. */
  ask(amount: bigint): Promise<Grant> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ amount, resolve, reject });
      this.inBackground();
    });
  }

  /** Resolves when a write that starts after this is done. */
  now(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  inBackground(): void {
    // Whoever waits for a grant gets the error; costs that were not written are tried again by the next tick.
    this.now().catch(() => undefined);
  }

  async #run(): Promise<void> {
    let last: SyncPlan | undefined;
    for (;;) {
      if (last) this.#serve(last);
      if (!this.#again && this.#waiters.length === 0) return;
      this.#again = false;
      const waiters = this.#waiters;
      this.#waiters = [];
      try {
        const plan = await this.#writer.write(waiters.map(({ amount }) => amount));
        last = plan;
        for (const [place, waiter] of waiters.entries()) waiter.resolve({ plan, ok: plan.granted[place] ?? false });
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error);
        throw error;
      }
    }
  }

  /** Calls that came while a write filled the slice up need not wait for another one. */
  #serve(plan: SyncPlan): void {
    this.#waiters = this.#waiters.filter(({ amount, resolve }) => {
      if (this.#slice.available < amount || !this.#home.alive()) return true;
      this.#slice.take(amount);
      resolve({ plan, ok: true });
      return false;
    });
  }
}
