import type { Outcome } from '../../events/usage-event.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { toUsd } from '../../util/money.ts';
import type { Owner } from '../owners/owner.ts';
import type { LimitReachedError } from '../policies/errors.ts';
import type { AppliedLimit } from '../policies/limit-id.ts';
import { existsAtPayi } from '../policies/policy.ts';
import { amountIn, type CallAmounts, type CallUse } from '../policies/units.ts';
import { enforces, larger, smaller } from '../state/limit-math.ts';
import { amountFor, type CallBound, learns } from './call-bound.ts';
import { type FellBack, type Hold, type HoldRequest, isShadowState, type LimitWarning } from './gate.ts';
import { growTakes } from './grow-takes.ts';
import { heldCall } from './held-call.ts';
import type { LearnedStore } from './learned-store.ts';
import { warningOf } from './limit-warnings.ts';
import type { Refusal, Take } from './take-limits.ts';

export interface HoldDeps {
  learned: LearnedStore;
  telemetry: Telemetry;
  clock: Clock;
  /** The owner as it is now: another one than at the time of the hold when that was declared dead. */
  current(): Owner;
  limitsOf(request: HoldRequest): readonly AppliedLimit[];
  refuse(refusal: Refusal): LimitReachedError;
}

/** The hold of a call that took from all its limits: in the list of calls in flight until it is settled. */
export class BudgetHold implements Hold {
  readonly id: string;
  readonly limitIds: string[] = [];
  readonly warnings: LimitWarning[] = [];
  readonly fellBack: FellBack | undefined;
  heldNanoUsd: bigint;
  readonly #request: HoldRequest;
  readonly #bound: CallBound;
  readonly #takes: Take[];
  readonly #owner: Owner;
  readonly #deps: HoldDeps;
  #isSettled = false;

  /** @param request as it is held: with `fellBack` a cheaper form of what was asked */
  constructor(
    request: HoldRequest,
    bound: CallBound,
    takes: Take[],
    owner: Owner,
    deps: HoldDeps,
    fellBack?: FellBack,
  ) {
    this.fellBack = fellBack;
    this.id = owner.nextHoldId();
    this.#request = request;
    this.#bound = bound;
    this.#takes = takes;
    this.#owner = owner;
    this.#deps = deps;
    this.heldNanoUsd = heldBy(takes);
    for (const take of takes) {
      if (existsAtPayi(take.limit.policy)) this.limitIds.push(take.limit.limitId);
      this.#warn(take);
    }
    owner.journal.add(this.id, () => heldCall(this, request, takes));
  }

  async cover(tools: CallAmounts): Promise<void> {
    const { most, certain } = this.#bound;
    if (this.#isSettled || certain === undefined) return;
    const wanted = ({ limit }: Take) => {
      const { unit } = limit.policy;
      return smaller(amountIn(unit, most), amountIn(unit, certain) + amountIn(unit, tools));
    };
    const grown = await growTakes(this.#takes, wanted, () => this.#isSettled, this.#deps);
    if (grown.length === 0) return;
    this.heldNanoUsd = heldBy(this.#takes);
    this.#owner.journal.changed(this.id);
    for (const take of grown) this.#warn(take);
  }

  async settle(used: CallUse | null, outcome: Outcome, tools?: CallAmounts): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#owner.journal.remove(this.id);
    const missed: Take[] = [];
    for (const take of this.#takes) {
      const actual = (used && amountIn(take.limit.policy.unit, used)) ?? take.amount;
      this.#settle(take, actual);
      if (actual > take.amount && enforces(take.limit.policy)) missed.push(take);
    }
    if (used === null) return;
    if (used.nanoUsd !== null) this.#measure(used.nanoUsd);
    if (outcome === 'succeeded' && tools !== undefined) this.#learn(tools);
    if (missed.length > 0 && this.#owner === this.#deps.current()) await this.#write(missed);
  }

  #settle({ limit, account, amount }: Take, actual: bigint): void {
    const { current } = this.#deps;
    if (this.#owner === current()) account.settle(amount, actual);
    // The owner of this hold was declared dead and the hold counts as spent; only what it missed is to be added.
    else if (actual > amount)
      current()
        .account(limit)
        .settle(0n, actual - amount);
  }

  /**
   * What a call cost beyond its hold is written before its caller goes on: other processes must learn of it while the call
   * still counts as in flight (L1). A write that fails is done again by the next tick.
   */
  async #write(missed: Take[]): Promise<void> {
    const writes = await Promise.allSettled(missed.map(({ account }) => account.sync()));
    for (const one of writes) {
      if (one.status === 'rejected') this.#deps.telemetry.warn('miss-not-written', describeError(one.reason));
    }
  }

  #learn(tools: CallAmounts): void {
    const { serverTools } = this.#request;
    if (!serverTools) return;
    for (const { limit } of this.#takes) {
      const { unit, type } = limit.policy;
      // An allow limit refuses nothing.
      if (type !== 'allow' && learns(limit.policy))
        this.#deps.learned.add(limit.policy, serverTools.kind, amountIn(unit, tools));
    }
  }

  #measure(actual: bigint): void {
    const { telemetry } = this.#deps;
    const held = this.heldNanoUsd;
    const bound = this.#request.serverTools ? 'learned' : 'sound';
    if (actual > 0n) telemetry.measure('hold-over-actual', Number(held) / Number(actual), { bound });
    if (actual > held && this.#takes.some(({ limit }) => limit.policy.unit === 'usd'))
      telemetry.measure('hold-missed-usd', toUsd(actual - held), { bound });
  }

  #warn(take: Take): void {
    const warning = warningOf(take, (shadowed, room) => this.#fitsCheaper(shadowed, room));
    if (!warning) return;
    const isKnown = this.warnings.some(({ limitId, state }) => limitId === warning.limitId && state === warning.state);
    if (isKnown) return;
    this.warnings.push(warning);
    if (!isShadowState(warning.state)) return;
    const { telemetry } = this.#deps;
    const { name } = take.limit.policy;
    if (warning.state === 'would_block') telemetry.count('limit-would-block', 1, { policy: name });
    else if (warning.state === 'would_ask') telemetry.count('limit-would-ask', 1, { policy: name });
    else telemetry.count('limit-would-fall-back', 1, { policy: name });
    telemetry.info('limit-in-shadow', {
      limitId: warning.limitId,
      state: warning.state,
      eventId: this.#request.eventId,
    });
  }

  /** Whether one of the cheaper forms of the call would have fitted into this room of a limit, by its cheap bound. */
  #fitsCheaper({ limit: { limitId, policy } }: Take, roomNano: bigint): boolean {
    const { limitsOf, learned } = this.#deps;
    return (this.#request.cheaper?.() ?? []).some((form) => {
      if (!limitsOf(form).some((other) => other.limitId === limitId)) return true;
      const bound = { most: form.bound, certain: form.serverTools?.certain };
      return amountFor(policy, form, bound, learned) <= roomNano;
    });
  }
}

/** The most that one of the limits in USD holds; of those that refuse calls, where there are any. */
function heldBy(takes: readonly Take[]): bigint {
  let most = 0n;
  let mostEnforced: bigint | undefined;
  for (const { limit, amount } of takes) {
    if (limit.policy.unit !== 'usd') continue;
    most = larger(most, amount);
    if (enforces(limit.policy)) mostEnforced = larger(mostEnforced ?? 0n, amount);
  }
  return mostEnforced ?? most;
}
