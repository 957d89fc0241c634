import type { Clock } from '../clock.ts';
import type { Policy } from '../config/policy.ts';
import { toUsd } from '../money.ts';
import { describeError, type Telemetry } from '../telemetry.ts';
import type { Outcome } from '../usage-event.ts';
import { AppliedLimits } from './applied-limits.ts';
import type { Gate, Hold, HoldRequest, LimitWarning } from './gate.ts';
import { Holder, type HolderOptions } from './holder.ts';
import type { HeldCall } from './holder-rows.ts';
import type { LearnedStore } from './learned-store.ts';
import { LimitReachedError } from './limit-errors.ts';
import type { AppliedLimit } from './limit-id.ts';
import { enforces, larger, smaller } from './limit-math.ts';
import { warningOf } from './limit-warnings.ts';
import { SliceLostError } from './slice.ts';
import { type Refusal, type Take, takeAll } from './take-limits.ts';

export interface BudgetGateOptions extends HolderOptions {
  /** The policies as they are now; a changed list is another array. */
  policies(): readonly Policy[];
  learned: LearnedStore;
  telemetry: Telemetry;
  /** A block limit refused a call. `life` is another one after a reset and after a change of its maximum. */
  refused(limit: AppliedLimit, life: string): void;
  clock: Clock;
}

/** The gate over budget slices: far from every limit a hold makes no request. */
export class BudgetGate implements Gate {
  readonly #options: BudgetGateOptions;
  readonly #limits: AppliedLimits;
  #holder: Holder;

  constructor(options: BudgetGateOptions) {
    this.#options = options;
    this.#limits = new AppliedLimits(options.policies);
    this.#holder = new Holder(options);
  }

  async hold(request: HoldRequest): Promise<Hold> {
    const limits = this.#limits.of(request);
    const holder = this.#holder;
    try {
      return await this.#hold(holder, request, limits);
    } catch (error) {
      if (!(error instanceof SliceLostError)) throw error;
      this.#startAnew(holder);
      return this.#hold(this.#holder, request, limits);
    }
  }

  /** Writes what is due: costs, unused budget, the list of calls in flight. Call it about twice a second, one at a time. */
  async tick(): Promise<void> {
    const holder = this.#holder;
    try {
      await holder.tick(this.#options.clock.now());
    } catch (error) {
      if (!(error instanceof SliceLostError)) throw error;
      this.#startAnew(holder);
    }
  }

  /** Gives back what no call in flight needs. */
  close(): Promise<void> {
    return this.#holder.close();
  }

  async #hold(holder: Holder, request: HoldRequest, limits: AppliedLimit[]): Promise<Hold> {
    let bound = request.boundNanoUsd;
    let takes = this.#takes(holder, request, limits, bound);
    let refusal = await takeAll(takes, this.#options);
    if (refusal && request.exactBoundNanoUsd) {
      const exact = await request.exactBoundNanoUsd();
      if (exact < bound) {
        bound = exact;
        takes = this.#takes(holder, request, limits, bound);
        refusal = await takeAll(takes, this.#options);
      }
    }
    if (refusal) throw this.#refuse(refusal);
    return this.#held(holder, request, takes);
  }

  #takes(holder: Holder, request: HoldRequest, limits: AppliedLimit[], bound: bigint): Take[] {
    return limits.map((limit) => {
      const learned =
        request.learnedKey !== undefined && limit.policy.bound === 'learned'
          ? this.#options.learned.boundNano(request.learnedKey)
          : bound;
      return { limit, account: holder.account(limit.limitId, limit.policy), amount: smaller(bound, learned) };
    });
  }

  #refuse({ take: { limit, account, amount }, leftNano, spentNano }: Refusal): LimitReachedError {
    const { telemetry, clock, refused } = this.#options;
    telemetry.count('limit-refusals', 1, { policy: limit.policy.name });
    refused(limit, account.life);
    return new LimitReachedError(
      {
        ...limit,
        maxNanoUsd: account.maxNano,
        spentNanoUsd: spentNano,
        leftNanoUsd: leftNano,
        neededNanoUsd: amount,
      },
      clock.now(),
    );
  }

  #held(holder: Holder, request: HoldRequest, takes: Take[]): Hold {
    const id = holder.nextHoldId();
    const enforced = takes.filter(({ limit }) => enforces(limit.policy));
    const heldNanoUsd = (enforced.length > 0 ? enforced : takes).reduce((most, take) => larger(most, take.amount), 0n);
    const limitIds = takes.map(({ limit }) => limit.limitId);
    holder.journal.add(id, () => heldCall(id, request, heldNanoUsd, limitIds));
    let settled = false;
    return {
      id,
      limitIds,
      heldNanoUsd,
      warnings: takes.flatMap((take) => this.#warned(take)),
      settle: async (actualNanoUsd, outcome) => {
        if (settled) return;
        settled = true;
        holder.journal.remove(id);
        for (const take of takes) this.#settle(holder, take, actualNanoUsd ?? take.amount);
        if (actualNanoUsd === null) return;
        this.#learn(request, heldNanoUsd, actualNanoUsd, outcome);
        const missed = takes.filter(({ limit, amount }) => actualNanoUsd > amount && enforces(limit.policy));
        if (missed.length > 0 && holder === this.#holder) await this.#write(missed);
      },
    };
  }

  #settle(holder: Holder, { limit, account, amount }: Take, actual: bigint): void {
    if (holder === this.#holder) account.settle(amount, actual);
    // The owner of this hold was taken for dead and the hold counts as spent; only what it missed is to be added.
    else if (actual > amount) this.#holder.account(limit.limitId, limit.policy).settle(0n, actual - amount);
  }

  /**
   * What a call cost beyond its hold is written before its caller goes on: other processes must learn of it while the call
   * still counts as in flight (L1). A write that fails is done again by the next tick.
   */
  async #write(missed: Take[]): Promise<void> {
    const writes = await Promise.allSettled(missed.map(({ account }) => account.sync()));
    for (const write of writes) {
      if (write.status === 'rejected') this.#options.telemetry.warn('miss-not-written', describeError(write.reason));
    }
  }

  #learn(request: HoldRequest, held: bigint, actual: bigint, outcome: Outcome): void {
    const { learned, telemetry } = this.#options;
    const bound = request.learnedKey === undefined ? 'sound' : 'learned';
    if (request.learnedKey !== undefined && outcome === 'succeeded') learned.add(request.learnedKey, actual);
    if (actual > 0n) telemetry.measure('hold-over-actual', Number(held) / Number(actual), { bound });
    if (actual > held) telemetry.measure('hold-missed-usd', toUsd(actual - held), { bound });
  }

  #warned(take: Take): LimitWarning[] {
    const warning = warningOf(take);
    if (warning?.state === 'would_block') {
      this.#options.telemetry.count('limit-would-block', 1, { policy: take.limit.policy.name });
    }
    return warning ? [warning] : [];
  }

  #startAnew(lost: Holder): void {
    if (lost !== this.#holder) return;
    this.#options.telemetry.error('limit-slices-lost', { ownerId: lost.ownerId });
    this.#holder = new Holder(this.#options);
  }
}

function heldCall(holdId: string, request: HoldRequest, held: bigint, limitIds: string[]): HeldCall {
  const { eventId, category, resource, useCaseName, useCaseId, userId, accountName, occurredAtMs } = request;
  return {
    holdId,
    eventId,
    category,
    resource,
    useCaseName,
    useCaseId,
    ...(userId !== undefined && { userId }),
    ...(accountName !== undefined && { accountName }),
    occurredAtMs,
    held: String(held),
    limitIds,
  };
}
