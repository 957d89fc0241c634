import type { Clock } from '../clock.ts';
import { RowChangedError, RowExistsError, TableUncertainError } from '../tables/errors.ts';
import type { Table } from '../tables/table.ts';
import { type LimitAmounts, planSync, type SyncPlan, samePlan } from './limit-math.ts';
import type { LimitRow, StateRow } from './limit-rows.ts';
import { LimitTable } from './limit-table.ts';
import type { Slice } from './slice.ts';

/** What an account needs of its process. */
export interface AccountHome {
  table: Table<LimitRow>;
  clock: Clock;
  /** Of [0, 1). */
  random(): number;
  ownerId: string;
  /** Resolves when a slice of this limit may be written: if this process dies, others will find it. */
  ready(limitId: string): Promise<void>;
  /** True while no other process can take this one for dead. */
  alive(): boolean;
  /** The limit has come to a level (an index of LEVELS) by a write of this process. */
  crossed(limitId: string, state: StateRow): void;
}

/** What an account wants of a write. */
export interface Wish extends LimitAmounts {
  enforced: boolean;
  spareNano: bigint;
  leastSpareNano: bigint;
  /** Give the slice up, unless calls wait or are in flight. */
  remove: boolean;
}

export interface Answer {
  plan: SyncPlan;
  ok: boolean;
}

interface Waiter {
  amount: bigint;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

const ATTEMPTS = 40;

/** Writes a process's part of one limit: one write at a time, each for all calls that wait for budget. */
export class LimitSync {
  readonly #limitId: string;
  readonly #home: AccountHome;
  readonly #slice: Slice;
  readonly #table: LimitTable;
  readonly #wish: () => Wish;
  readonly #done: (plan: SyncPlan, grantedNano: bigint, written: boolean) => void;
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  #again = false;

  /** `wish` is asked before each write, `done` told after it. */
  constructor(
    limitId: string,
    slice: Slice,
    home: AccountHome,
    on: { wish: () => Wish; done: (plan: SyncPlan, grantedNano: bigint, written: boolean) => void },
  ) {
    this.#limitId = limitId;
    this.#home = home;
    this.#slice = slice;
    this.#table = new LimitTable(limitId, home.ownerId, home.table);
    this.#wish = on.wish;
    this.#done = on.done;
  }

  /** As this process last saw it; undefined before it was read. */
  get state(): StateRow | undefined {
    return this.#table.state;
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
  ask(amount: bigint): Promise<Answer> {
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
        const plan = await this.#write(waiters);
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

  /** One write, repeated until it meets the row that it was planned for. */
  async #write(waiters: Waiter[]): Promise<SyncPlan> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (!this.#home.alive() || !this.#slice.exists) await this.#home.ready(this.#limitId);
        const state = this.#table.state ?? (await this.#table.read(this.#slice));
        // Read while this process was alive, the slice is as it was read: nobody may have taken it over.
        const plan = this.#home.alive() ? await this.#commit(state, waiters) : undefined;
        if (plan) return plan;
        this.#table.forget();
      } catch (error) {
        this.#table.forget();
        const repeatable =
          error instanceof RowChangedError || error instanceof RowExistsError || error instanceof TableUncertainError;
        if (!repeatable || attempt === ATTEMPTS) throw error;
        await this.#home.clock.sleep(this.#home.random() * Math.min(10 * attempt, 100));
      }
    }
  }

  /** Undefined when the state must be read again before calls are refused. */
  async #commit(state: StateRow, waiters: Waiter[]): Promise<SyncPlan | undefined> {
    const slice = this.#slice;
    const { remove, ...wish } = this.#wish();
    const plan = planSync(state, slice.row, {
      ...wish,
      ownSettledNano: slice.ownSettled,
      inFlightNano: slice.inFlight,
      missedNano: slice.missed,
      wants: waiters.map((waiter) => waiter.amount),
      nowMs: this.#home.clock.now(),
    });
    if (plan.granted.includes(false) && !this.#table.fresh) return undefined;
    const granted = waiters.reduce((sum, waiter, place) => sum + (plan.granted[place] ? waiter.amount : 0n), 0n);
    const removed = remove && slice.exists && slice.inFlight === 0n && waiters.length === 0;
    const listed = slice.exists || slice.inFlight === 0n;
    const written = removed || !listed || !samePlan(state, slice.row, plan);
    if (written) {
      await this.#table.write(slice, plan, removed, granted);
      if (plan.crossed !== undefined) this.#home.crossed(this.#limitId, plan.state);
    } else {
      // Nothing to write, or an earlier write of which no answer came has done it.
      this.#table.confirm();
      slice.take(granted);
    }
    this.#done(plan, granted, written);
    return plan;
  }
}
