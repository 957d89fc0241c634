import type { AppliedLimit } from '../policies/limit-id.ts';
import type { Policy } from '../policies/policy.ts';
import { type Foresight, foreseeLimit } from '../state/foresee.ts';
import { amountsOf, enforces, type LimitAmounts, larger, spentOf } from '../state/limit-math.ts';
import { whoseText } from '../state/limit-rows.ts';
import type { AccountContext } from './account-context.ts';
import { Allocation } from './allocation.ts';
import { AllocationSync } from './allocation-sync.ts';
import type { WriteRequest } from './allocation-writer.ts';
import { RefillPolicy } from './refill.ts';
import { RoomQueue } from './room-queue.ts';

export type Taken = { ok: true } | { ok: false; leftNano: bigint; spentNano: bigint };

const REMOVE_AFTER_MS = 30_000;
const FORESEE_EVERY_MS = 1_000;

/**
 * One limit as one process sees it. Budget comes in slices: a slice is held in the table, and calls take from it here,
 * without a request. Far from the limit a slice lasts for a while; near it there is none beyond what calls hold.
 */
export class BudgetAccount {
  readonly limitId: string;
  readonly #home: AccountContext;
  readonly #slice: Allocation;
  readonly #sync: AllocationSync;
  readonly #appetite: RefillPolicy;
  readonly #queue: RoomQueue;
  readonly #whose: string | undefined;
  #policy: Policy;
  #amounts: LimitAmounts;
  #enforced: boolean;
  #removing = false;
  #syncSoon = false;
  #foreseen: { atMs: number; foresight: Foresight | undefined } | undefined;

  constructor({ limitId, policy, whose }: AppliedLimit, home: AccountContext) {
    this.limitId = limitId;
    this.#whose = whoseText(whose);
    this.#home = home;
    this.#slice = new Allocation(limitId, home.ownerId, home.clock);
    this.#appetite = new RefillPolicy(home.clock);
    this.#sync = new AllocationSync(limitId, this.#slice, home, {
      wish: () => this.#wish(),
      done: (plan, granted, written) => {
        this.#slice.excess = larger(0n, -plan.leftNano);
        this.#appetite.synced(plan, granted, written);
      },
    });
    this.#queue = new RoomQueue(home, (amount) => this.tryTake(amount));
    this.#policy = policy;
    this.#amounts = amountsOf(policy);
    this.#enforced = enforces(policy);
  }

  /** The policy as it is now; a raised maximum counts from the next write on, a lowered one at once. */
  set policy(policy: Policy) {
    if (policy === this.#policy) return;
    this.#policy = policy;
    this.#amounts = amountsOf(policy);
    this.#enforced = enforces(policy);
    this.#slice.excess = larger(this.#slice.excess, -this.leftNano);
    this.#sync.needed();
  }

  get policy(): Policy {
    return this.#policy;
  }

  get maxNano(): bigint {
    return this.#amounts.maxNano;
  }

  get warnNano(): bigint {
    return this.#amounts.warnNano;
  }

  /** True once the limit's state was read. */
  get known(): boolean {
    return this.#sync.state !== undefined;
  }

  /** Another text after a reset and after a change of the maximum, as far as this process knows. */
  get life(): string {
    return `${this.#sync.state?.epoch ?? 0} ${this.maxNano}`;
  }

  /** Spent as far as this process knows, in nano-USD. */
  get spentNano(): bigint {
    const { state } = this.#sync;
    return state ? spentOf(state) + this.#slice.unwritten : this.#slice.ownSettled;
  }

  /** How the limit goes on, as far as this process knew within the last second: near a limit each call asks. */
  get foresight(): Foresight | undefined {
    const { state } = this.#sync;
    const nowMs = this.#home.clock.now();
    if (!state) return undefined;
    if (this.#foreseen === undefined || nowMs - this.#foreseen.atMs >= FORESEE_EVERY_MS)
      this.#foreseen = { atMs: nowMs, foresight: foreseeLimit(state, this.maxNano, nowMs, this.spentNano) };
    return this.#foreseen.foresight;
  }

  /** Room beside spent and held, as far as this process knows, in nano-USD. */
  get leftNano(): bigint {
    return this.maxNano - this.spentNano - larger(this.#sync.state?.heldNano ?? 0n, this.#slice.inFlight);
  }

  /** Takes from the slice without a request; false when it has too little. Limits that refuse nothing always give, and nothing can be had of any. */
  tryTake(amount: bigint): boolean {
    const asks = this.#enforced && amount > 0n;
    const rest = asks ? this.#slice.available - amount : 0n;
    if (rest < 0n || (asks && !this.#home.alive())) return false;
    // Taken before anything is written: a write is planned at once, by what is taken then.
    this.force(amount);
    if (this.#appetite.isLow(rest)) this.#sync.inBackground();
    return true;
  }

  /** Counts a call in that goes ahead without room. */
  force(amount: bigint): void {
    this.#slice.take(amount);
    this.#appetite.took(amount);
    this.#appetite.wanted(amount);
  }

  /**
   * Takes, after getting more from the table when needed. A call that has no room waits a moment for what other processes
   * may give back. Rejects when the table can't be used.
   */
  async take(amount: bigint): Promise<Taken> {
    const sinceMs = this.#home.clock.now();
    for (;;) {
      if (this.tryTake(amount)) return { ok: true };
      this.#appetite.wanted(amount);
      const { plan, ok } = await this.#sync.ask(amount);
      if (ok) {
        this.#appetite.took(amount);
        return { ok };
      }
      if (!this.#queue.worthWaiting(plan, amount, sinceMs)) {
        return { ok, leftNano: larger(0n, plan.leftNano), spentNano: plan.spentNano };
      }
      if (await this.#queue.wait(amount)) return { ok: true };
    }
  }

  /** Gives back what a call took that was never made. */
  release(amount: bigint): void {
    this.#slice.release(amount);
    if (this.#enforced) this.#gaveBack();
  }

  /** The call that took `held` cost `actual`. */
  settle(held: bigint, actual: bigint): void {
    this.#slice.settle(held, actual);
    if (this.#enforced) this.#gaveBack();
  }

  /** Reads the state if this process does not know it yet. */
  async open(): Promise<void> {
    if (!this.known) await this.sync();
  }

  /** Writes down what is not written yet and gives back what is not needed. */
  sync(): Promise<void> {
    return this.#sync.now();
  }

  /** Writes what calls here hold and have cost, unless the table has it already. */
  async writeDown(): Promise<void> {
    if (this.#enforced ? this.#slice.outdated : this.#slice.changed) await this.sync();
  }

  /** Does what is due by the clock. */
  async tick(): Promise<void> {
    const due = (this.#slice.changed || this.#sync.due) && this.#appetite.waitMs === 0;
    const unused = this.#slice.idle > 0n && this.#appetite.idle;
    // Unused budget goes back by then, so the slice is worth nothing more: its removal takes no write of its own.
    if (this.#slice.inFlight === 0n && this.#appetite.idle) await this.remove();
    else if (due || unused) await this.sync();
  }

  /** Writes everything down and gives up the slice, unless calls come or are still in flight. */
  async remove(): Promise<void> {
    if (!this.#slice.exists && this.#slice.ownSettled === 0n) return;
    this.#removing = true;
    try {
      await this.sync();
    } finally {
      this.#removing = false;
    }
  }

  /** True when no call came for so long that the account need not be kept. */
  get idleLong(): boolean {
    return this.#appetite.idleMs >= REMOVE_AFTER_MS;
  }

  /** True when it holds nothing, here or in the table, and nothing waits to be written. */
  get empty(): boolean {
    const { exists, inFlight, ownSettled } = this.#slice;
    return !this.#sync.running && this.#queue.length === 0 && !exists && inFlight === 0n && ownSettled === 0n;
  }

  #wish(): WriteRequest {
    return {
      ...this.#amounts,
      whose: this.#whose,
      enforced: this.#enforced,
      spareNano: this.#removing ? 0n : this.#appetite.spareNano,
      leastSpareNano: this.#appetite.leastSpareNano,
      remove: this.#removing,
    };
  }

  /** What a call gave back goes to those who wait here and, near the limit, soon into the table for others. */
  #gaveBack(): void {
    this.#queue.serve();
    if (!this.#appetite.near || this.#syncSoon) return;
    this.#syncSoon = true;
    void this.#home.clock.sleep(this.#appetite.waitMs).then(() => {
      this.#syncSoon = false;
      if (this.#slice.exists) this.#sync.inBackground();
    });
  }
}
