import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { AllocationLostError } from '../allocation/allocation.ts';
import type { ApprovalRequest, ApprovalTicket } from '../approvals/approval.ts';
import { Owner, type OwnerOptions } from '../owners/owner.ts';
import { AppliedLimits } from '../policies/applied-limits.ts';
import { LimitReachedError } from '../policies/errors.ts';
import type { BoundExplanation } from '../policies/explanation.ts';
import { type AppliedLimit, parseLimitId } from '../policies/limit-id.ts';
import { effectivePolicy } from '../policies/overrides/effective-policy.ts';
import { noOverrides, type Overrides, overrideEndMs } from '../policies/overrides/override.ts';
import type { Policy } from '../policies/policy.ts';
import { readState } from '../state/change-state.ts';
import { amountsOf, roomOf } from '../state/limit-math.ts';
import { newState } from '../state/limit-rows.ts';
import { BudgetHold, type HoldDeps } from './budget-hold.ts';
import { amountFor, type CallBound } from './call-bound.ts';
import { type CallCheck, checkLimits } from './check-limits.ts';
import { closerBound, explainRefusal } from './closer-bound.ts';
import type { Gate, Hold, HoldRequest } from './gate.ts';
import type { LearnedStore } from './learned-store.ts';
import { refuseUnbounded } from './refuse-unbounded.ts';
import { type Refusal, strictestOf, type Take, takeAll } from './take-limits.ts';

export interface BudgetGateOptions extends OwnerOptions {
  /** The policies as they are now; a changed list is another array. */
  policies(): readonly Policy[];
  overrides(): Overrides;
  learned: LearnedStore;
  telemetry: Telemetry;
  /** A block limit refused a call. `life` is another one after a reset and after a change of its maximum. */
  refused(limit: AppliedLimit, life: string, needed: bigint): void;
  /** The approval that a call needs which an `ask` limit refuses; undefined where there can be none. */
  ask(asked: ApprovalRequest): Promise<ApprovalTicket | undefined>;
  clock: Clock;
}

/** Longer than any hold lasts that is settled at all: results of a batch can be had for 29 days. */
const LASTING_MS = 32 * 86_400_000;

/** The gate over budget slices: far from every limit a hold makes no request. */
export class BudgetGate implements Gate {
  readonly #options: BudgetGateOptions;
  readonly #limits: AppliedLimits;
  readonly #means: HoldDeps;
  #holder: Owner;
  /** What the accounts have followed already. */
  #followed: { policies?: readonly Policy[]; overrides: Overrides; untilMs: number } = {
    overrides: noOverrides,
    untilMs: Number.POSITIVE_INFINITY,
  };

  constructor(options: BudgetGateOptions) {
    this.#options = options;
    this.#limits = new AppliedLimits(options.policies, options.overrides);
    this.#holder = new Owner(options);
    const { learned, telemetry } = options;
    this.#means = {
      learned,
      telemetry,
      clock: options.clock,
      current: () => this.#holder,
      limitsOf: (request) => this.#limits.of(request),
      refuse: (refusal) => this.#refuse(refusal),
    };
  }

  async hold(request: HoldRequest): Promise<Hold> {
    const limits = this.#appliedTo(request);
    const holder = this.#holder;
    try {
      return await this.#hold(holder, request, limits);
    } catch (error) {
      if (!(error instanceof AllocationLostError)) throw error;
      this.#startAnew(holder);
      return this.#hold(this.#holder, request, limits);
    }
  }

  /** Holds for longer than this process may live, under an owner of its own: see `LastingHolds`. */
  async holdLasting(request: HoldRequest, ownerId: string): Promise<Hold> {
    const limits = this.#appliedTo(request);
    const owner = new Owner(this.#options, { ownerId, leaseMs: LASTING_MS });
    try {
      return await this.#hold(owner, request, limits);
    } finally {
      // After a refusal this gives everything back.
      await owner.leave();
    }
  }

  /** Whether a call would pass, or in which cheaper form, by the figures of now; nothing is held. @throws TableError */
  async check(request: HoldRequest): Promise<CallCheck> {
    const asked = await this.#checkOne(request);
    const { full } = asked;
    if (full?.policy.type !== 'fall_back') return asked;
    for (const [place, form] of (request.cheaper?.() ?? []).entries()) {
      const { refusal } = await this.#checkOne(form);
      if (!refusal) return { ...asked, refusal: undefined, fellBack: { place, limitId: full.limitId } };
    }
    return asked;
  }

  async #checkOne(request: HoldRequest): Promise<CallCheck> {
    const { limits: table, learned, clock } = this.#options;
    const limits = this.#limits.of(request);
    const ids = new Set(limits.map(({ limitId }) => limitId));
    await this.writeDown((limitId) => ids.has(limitId));
    const rooms = await Promise.all(
      limits.map(async (limit) => {
        const { maxNano } = amountsOf(limit.policy);
        const state = (await readState(table, limit.limitId)) ?? newState(limit.limitId);
        return { limit, maxNano, ...roomOf(state, maxNano) };
      }),
    );
    return checkLimits(request, rooms, learned, clock.now());
  }

  /** Writes what is due: costs, unused budget, the list of calls in flight. Call it about twice a second, one at a time. */
  async tick(): Promise<void> {
    this.#followPolicies();
    await this.#asOwner((owner) => owner.tick());
  }

  /** Writes what calls of this process hold and have cost of the wanted limits, so that the table has the figures of now. */
  async writeDown(isWanted: (limitId: string) => boolean): Promise<void> {
    await this.#asOwner((owner) => owner.writeDown(isWanted));
  }

  /** Gives back what no call in flight needs. */
  close(): Promise<void> {
    return this.#holder.close();
  }

  /** A write with a maximum of before would undo the level that other processes have reached, so that they would report it again. */
  #followPolicies(): void {
    const { policies, overrides, clock } = this.#options;
    const [current, running, now] = [policies(), overrides(), clock.now()];
    const followed = this.#followed;
    if (current === followed.policies && running === followed.overrides && now < followed.untilMs) return;
    const ends = [...running.values()].map(overrideEndMs).filter((ms) => ms > now);
    this.#followed = { policies: current, overrides: running, untilMs: Math.min(Number.POSITIVE_INFINITY, ...ends) };
    const byName = new Map(current.map((policy) => [policy.name, policy]));
    this.#holder.followPolicies((limitId) => {
      const { policyName = '', unit, key } = parseLimitId(limitId) ?? {};
      const policy = byName.get(policyName);
      return policy?.unit === unit && policy ? effectivePolicy(policy, key, running, now) : undefined;
    });
  }

  /** @throws UnboundedRequestError */
  #appliedTo(request: HoldRequest): AppliedLimit[] {
    const limits = this.#limits.of(request);
    const unbounded = refuseUnbounded(request, limits);
    if (unbounded) throw unbounded;
    return limits;
  }

  async #hold(holder: Owner, request: HoldRequest, limits: AppliedLimit[]): Promise<Hold> {
    const { bound, takes, refusal } = await this.#takeFor(holder, request, limits);
    if (!refusal) return new BudgetHold(request, bound, takes, holder, this.#means);
    const { take, leftNano } = refusal;
    const cheaper = take.limit.policy.type === 'fall_back' && (await this.#holdCheaper(holder, request, take.limit));
    if (cheaper) return cheaper;
    const approval = take.limit.policy.type === 'ask' ? await this.#askFor(request, take) : undefined;
    throw this.#refuse(refusal, explainRefusal(request, bound, take.limit.policy, take.amount, leftNano), approval);
  }

  #askFor(request: HoldRequest, { limit, amount }: Take): Promise<ApprovalTicket | undefined> {
    const { useCaseName, userId, accountName, keyName } = request;
    const { limitId, policy } = limit;
    return this.#options.ask({
      limitId,
      policy: policy.name,
      unit: policy.unit,
      neededNano: amount,
      useCaseName,
      ...(userId !== undefined && { userId }),
      ...(accountName !== undefined && { accountName }),
      ...(keyName !== undefined && { keyName }),
    });
  }

  /** Holds the first of the cheaper forms of a call that fits all of its own limits. */
  async #holdCheaper(holder: Owner, asked: HoldRequest, { limitId }: AppliedLimit): Promise<Hold | undefined> {
    for (const [place, request] of (asked.cheaper?.() ?? []).entries()) {
      const limits = this.#limits.of(request);
      if (refuseUnbounded(request, limits)) continue;
      const { bound, takes, refusal } = await this.#takeFor(holder, request, limits);
      if (!refusal) return new BudgetHold(request, bound, takes, holder, this.#means, { place, limitId });
    }
    return undefined;
  }

  /** Takes what a call needs by its cheap bound, else by the exact one (L3); with a refusal nothing is taken. */
  async #takeFor(
    holder: Owner,
    request: HoldRequest,
    limits: AppliedLimit[],
  ): Promise<{ bound: CallBound; takes: Take[]; refusal: Refusal | undefined }> {
    let bound: CallBound = { most: request.bound, certain: request.serverTools?.certain };
    let takes = this.#takes(holder, request, limits, bound);
    let refusal = strictestOf(await takeAll(takes, this.#options));
    const closer = refusal && (await closerBound(request, bound));
    if (closer) {
      bound = closer;
      takes = this.#takes(holder, request, limits, bound);
      refusal = strictestOf(await takeAll(takes, this.#options));
    }
    return { bound, takes, refusal };
  }

  #takes(holder: Owner, request: HoldRequest, limits: AppliedLimit[], bound: CallBound): Take[] {
    return limits.map((limit) => ({
      limit,
      account: holder.account(limit),
      amount: amountFor(limit.policy, request, bound, this.#options.learned),
    }));
  }

  #refuse(
    { take: { limit, account, amount }, leftNano, spentNano }: Refusal,
    explanation?: BoundExplanation,
    approval?: ApprovalTicket,
  ): LimitReachedError {
    const { telemetry, clock, refused } = this.#options;
    telemetry.count('limit-refusals', 1, { policy: limit.policy.name });
    refused(limit, account.life, amount);
    return new LimitReachedError(
      {
        ...limit,
        max: account.maxNano,
        spent: spentNano,
        left: leftNano,
        needed: amount,
      },
      clock.now(),
      explanation,
      approval && { id: approval.id, state: approval.state },
    );
  }

  async #asOwner(work: (owner: Owner) => Promise<void>): Promise<void> {
    const owner = this.#holder;
    try {
      await work(owner);
    } catch (error) {
      if (!(error instanceof AllocationLostError)) throw error;
      this.#startAnew(owner);
    }
  }

  #startAnew(lost: Owner): void {
    if (lost !== this.#holder) return;
    this.#options.telemetry.error('limit-slices-lost', { ownerId: lost.ownerId });
    this.#holder = new Owner(this.#options);
  }
}
