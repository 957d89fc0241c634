import { RowChangedError, RowExistsError, TableMissingError, TableUncertainError } from '../../tables/errors.ts';
import { type LimitAmounts, planSync, type SyncPlan, samePlan } from '../state/limit-math.ts';
import { placeOf } from '../state/limit-place.ts';
import type { StateRow } from '../state/limit-rows.ts';
import type { AccountContext } from './account-context.ts';
import type { Allocation } from './allocation.ts';
import { AllocationTable } from './allocation-table.ts';

/** What an account wants of a write. */
export interface WriteRequest extends LimitAmounts {
  /** See `StateRow`. */
  whose: string | undefined;
  enforced: boolean;
  spareNano: bigint;
  leastSpareNano: bigint;
  /** Give the slice up, unless calls wait or are in flight. */
  remove: boolean;
}

/** What an account is asked before each write, and told after it. */
export interface WriteHooks {
  wish(): WriteRequest;
  done(plan: SyncPlan, grantedNano: bigint, written: boolean): void;
}

const ATTEMPTS = 40;

/** Writes a process's part of one limit against whatever other processes write. */
export class AllocationWriter {
  readonly #limitId: string;
  readonly #home: AccountContext;
  readonly #slice: Allocation;
  readonly #table: AllocationTable;
  readonly #hooks: WriteHooks;
  /** The state that is planned from was assumed, not read. */
  #assumed = false;

  constructor(limitId: string, slice: Allocation, home: AccountContext, hooks: WriteHooks) {
    this.#limitId = limitId;
    this.#home = home;
    this.#slice = slice;
    this.#table = new AllocationTable(limitId, home.ownerId, home.table);
    this.#hooks = hooks;
  }

  /** As this process last saw it; undefined before it was read. */
  get state(): StateRow | undefined {
    return this.#table.state;
  }

  /**
   * One write, repeated until it meets the row that it was planned for. `wants`: what waiting calls need, in nano-USD; the
   * plan says which of them were granted.
   */
  async write(wants: bigint[]): Promise<SyncPlan> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (!this.#home.alive() || !this.#slice.exists) await this.#home.ready(this.#limitId);
        const state = this.#table.state ?? (await this.#firstState());
        // Read while this process was alive, the slice is as it was read: nobody may have taken it over.
        const plan = this.#home.alive() ? await this.#commit(state, wants) : undefined;
        if (plan) return plan;
        this.#table.forget();
      } catch (error) {
        this.#table.forget();
        if (error instanceof RowExistsError && this.#assumed) this.#home.firstUse.wasKnown();
        this.#assumed = false;
        if (error instanceof TableMissingError) this.#slice.tableMissing();
        const repeatable =
          error instanceof RowChangedError || error instanceof RowExistsError || error instanceof TableUncertainError;
        if (!repeatable || attempt === ATTEMPTS) throw error;
        await this.#home.clock.sleep(this.#home.random() * Math.min(10 * attempt, 100));
      }
    }
  }

  /** What the first plan starts from: what the table says, or, where that is likely, that it says nothing yet. */
  async #firstState(): Promise<StateRow> {
    this.#assumed = !this.#slice.seen && placeOf(this.#limitId).prefix !== '' && this.#home.firstUse.isLikely();
    return this.#assumed ? this.#table.assumeNew(this.#slice) : this.#table.read(this.#slice);
  }

  /** Undefined when the state must be read again before calls are refused. */
  async #commit(state: StateRow, wants: bigint[]): Promise<SyncPlan | undefined> {
    const slice = this.#slice;
    const { remove, ...wish } = this.#hooks.wish();
    const plan = planSync(state, slice.row, {
      ...wish,
      ownSettledNano: slice.ownSettled,
      inFlightNano: slice.inFlight,
      missedNano: slice.missed,
      wants,
      nowMs: this.#home.clock.now(),
    });
    if (plan.granted.includes(false) && !this.#table.fresh) return undefined;
    const granted = wants.reduce((sum, want, place) => sum + (plan.granted[place] ? want : 0n), 0n);
    const removed = remove && slice.exists && slice.inFlight === 0n && wants.length === 0;
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
    this.#hooks.done(plan, granted, written);
    return plan;
  }
}
