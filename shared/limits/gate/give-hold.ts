import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { toUsd } from '../../util/money.ts';
import { AllocationLostError } from '../allocation/allocation.ts';
import type { Owner } from '../owners/owner.ts';
import type { HeldCall } from '../owners/owner-rows.ts';
import { type LimitReachedError, LimitsUnreadableError } from '../policies/errors.ts';
import { existsAtPayi } from '../policies/policy.ts';
import { enforces, larger, smaller } from '../state/limit-math.ts';
import type { CallBound } from './call-bound.ts';
import type { Hold, HoldRequest, LimitWarning } from './gate.ts';
import type { LearnedStore } from './learned-store.ts';
import { warningOf } from './limit-warnings.ts';
import { type Refusal, type Take, takeAll } from './take-limits.ts';

export interface HoldDeps {
  learned: LearnedStore;
  telemetry: Telemetry;
  clock: Clock;
  /** The holder as it is now: another one than at the time of the hold when that was taken for dead. */
  current(): Owner;
  refuse(refusal: Refusal): LimitReachedError;
}

/** The hold of a call that took from all its limits: in the list of calls in flight until it is settled. */
export function giveHold(request: HoldRequest, bound: CallBound, takes: Take[], holder: Owner, means: HoldDeps): Hold {
  const id = holder.nextHoldId();
  const limitIds = takes.filter(({ limit }) => existsAtPayi(limit.policy)).map(({ limit }) => limit.limitId);
  holder.journal.add(id, () => heldCall(id, request, heldBy(takes), takes, limitIds));
  const warnings = takes.flatMap((take) => warned(take, means));
  let settled = false;
  return {
    id,
    limitIds,
    get heldNanoUsd() {
      return heldBy(takes);
    },
    warnings,
    cover: async (toolsNanoUsd) => {
      if (settled || bound.certainNanoUsd === undefined) return;
      const wanted = smaller(bound.mostNanoUsd, bound.certainNanoUsd + toolsNanoUsd);
      const grown = await grow(takes, wanted, () => settled, means);
      if (grown.length === 0) return;
      holder.journal.changed(id);
      for (const warning of grown.flatMap((take) => warned(take, means)))
        if (!warnings.some((known) => known.limitId === warning.limitId && known.state === warning.state))
          warnings.push(warning);
    },
    settle: async (actualNanoUsd, outcome, toolsNanoUsd) => {
      if (settled) return;
      settled = true;
      holder.journal.remove(id);
      for (const take of takes) settle(take, actualNanoUsd ?? take.amount, holder, means);
      if (actualNanoUsd === null) return;
      measure(request, heldBy(takes), actualNanoUsd, means);
      if (outcome === 'succeeded' && toolsNanoUsd !== undefined) learn(request, takes, toolsNanoUsd, means);
      const missed = takes.filter(({ limit, amount }) => actualNanoUsd > amount && enforces(limit.policy));
      if (missed.length > 0 && holder === means.current()) await write(missed, means);
    },
  };
}

/** The most that one of the limits holds; of those that refuse calls, where there are any. */
function heldBy(takes: Take[]): bigint {
  const enforced = takes.filter(({ limit }) => enforces(limit.policy));
  return (enforced.length > 0 ? enforced : takes).reduce((most, take) => larger(most, take.amount), 0n);
}

/** Takes what each limit holds too little, on all of them or on none. @returns the takes that grew */
async function grow(takes: Take[], wanted: bigint, isSettled: () => boolean, means: HoldDeps): Promise<Take[]> {
  const short = takes.filter(({ amount }) => amount < wanted);
  const more = short.map((take) => ({ ...take, amount: wanted - take.amount }));
  const refusal = await takeAll(more, means).catch((error: unknown) => {
    // What this process held counts as spent, so it has nothing to take from.
    if (error instanceof AllocationLostError) throw new LimitsUnreadableError('The budget of this call', error);
    throw error;
  });
  if (refusal) throw means.refuse(refusal);
  if (isSettled()) {
    for (const { account, amount } of more) account.release(amount);
    return [];
  }
  for (const take of short) take.amount = wanted;
  return short;
}

function settle({ limit, account, amount }: Take, actual: bigint, holder: Owner, { current }: HoldDeps): void {
  if (holder === current()) account.settle(amount, actual);
  // The owner of this hold was taken for dead and the hold counts as spent; only what it missed is to be added.
  else if (actual > amount)
    current()
      .account(limit.limitId, limit.policy)
      .settle(0n, actual - amount);
}

/**
 * What a call cost beyond its hold is written before its caller goes on: other processes must learn of it while the call
 * still counts as in flight (L1). A write that fails is done again by the next tick.
 */
async function write(missed: Take[], { telemetry }: HoldDeps): Promise<void> {
  const writes = await Promise.allSettled(missed.map(({ account }) => account.sync()));
  for (const one of writes) {
    if (one.status === 'rejected') telemetry.warn('miss-not-written', describeError(one.reason));
  }
}

function learn({ serverTools }: HoldRequest, takes: Take[], tools: bigint, { learned }: HoldDeps): void {
  if (!serverTools) return;
  for (const { limit } of takes) {
    const { name, type, bound } = limit.policy;
    // An allow limit refuses nothing, and a sound bound learns nothing.
    if (type === 'block' && bound !== 'sound') learned.add(name, serverTools.kind, tools);
  }
}

function measure({ serverTools }: HoldRequest, held: bigint, actual: bigint, { telemetry }: HoldDeps): void {
  const bound = serverTools ? 'learned' : 'sound';
  if (actual > 0n) telemetry.measure('hold-over-actual', Number(held) / Number(actual), { bound });
  if (actual > held) telemetry.measure('hold-missed-usd', toUsd(actual - held), { bound });
}

function warned(take: Take, { telemetry }: HoldDeps): LimitWarning[] {
  const warning = warningOf(take);
  if (warning?.state === 'would_block') {
    telemetry.count('limit-would-block', 1, { policy: take.limit.policy.name });
  }
  return warning ? [warning] : [];
}

function heldCall(
  holdId: string,
  request: HoldRequest,
  held: bigint,
  takes: Take[],
  limitIdsAtPayi: string[],
): HeldCall {
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
    limitIds: takes.map(({ limit }) => limit.limitId),
    limitIdsAtPayi,
  };
}
