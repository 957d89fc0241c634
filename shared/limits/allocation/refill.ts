import type { Clock } from '../../util/clock.ts';
import { larger, type SyncPlan } from '../state/limit-math.ts';
import { RecentDemand } from './recent-demand.ts';
import { SyncInterval } from './sync-interval.ts';

/** Without a call for so long, no further budget is set aside and what there is goes back. */
const IDLE_AFTER_MS = 1_000;

/** What one process wants of a limit in addition to what its calls hold: how much for those to come, and how often it writes. Amounts in nano-USD. */
export class RefillPolicy {
  readonly #clock: Clock;
  readonly #demand = new RecentDemand();
  readonly #pace = new SyncInterval();
  #lastWant = 0n;
  #refillBelow = 0n;
  #lastUseMs: number;
  #lastSyncMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastUseMs = clock.now();
    this.#lastSyncMs = clock.now();
  }

  /** A call asks for so much. */
  wanted(amount: bigint): void {
    this.#lastWant = amount;
    this.#lastUseMs = this.#clock.now();
  }

  /** A call got so much. */
  took(amount: bigint): void {
    this.#demand.took(amount);
  }

  /** A write was planned, and was made unless it would have changed nothing. */
  synced(plan: SyncPlan, grantedNano: bigint, written: boolean): void {
    const now = this.#clock.now();
    this.#lastSyncMs = now;
    const usedNano = plan.spentNano + plan.state.heldNano - plan.state.idleNano;
    this.#pace.seen(usedNano, plan.leftNano, grantedNano, now);
    if (!written) return;
    this.#demand.written(now);
    this.#refillBelow = plan.slice.idleNano / 4n;
  }

  /** True once when so little of a slice is left that it is to be filled up in the background, so that calls need not wait for it. */
  isLow(rest: bigint): boolean {
    if (rest >= this.#refillBelow) return false;
    this.#refillBelow = 0n;
    return true;
  }

  /** What to set aside for further calls, and the least of it that is worth it. */
  get spareNano(): bigint {
    return this.idleMs < IDLE_AFTER_MS ? larger(4n * this.#lastWant, this.#demand.soonNano) : 0n;
  }

  get leastSpareNano(): bigint {
    return this.#lastWant;
  }

  /** True where the limit is near, so that others wait for what calls give back. */
  get near(): boolean {
    return this.#pace.near;
  }

  /** Until the next write of what changed is due; 0 when it is. */
  get waitMs(): number {
    return Math.max(0, this.#lastSyncMs + this.#pace.everyMs - this.#clock.now());
  }

  /** True when no call came recently, so that unused budget goes back. */
  get idle(): boolean {
    return this.idleMs >= IDLE_AFTER_MS;
  }

  /** Since the last call. */
  get idleMs(): number {
    return this.#clock.now() - this.#lastUseMs;
  }
}
