import type { Outcome } from '../../events/usage-event.ts';
import { describeError, type Telemetry } from '../../telemetry/telemetry.ts';
import { toUsd } from '../../util/money.ts';
import type { Owner } from '../owners/owner.ts';
import type { HeldCall } from '../owners/owner-rows.ts';
import { existsAtPayi } from '../policies/policy.ts';
import { enforces, larger } from '../state/limit-math.ts';
import type { Hold, HoldRequest, LimitWarning } from './gate.ts';
import type { LearnedStore } from './learned-store.ts';
import { warningOf } from './limit-warnings.ts';
import type { Take } from './take-limits.ts';

export interface HoldDeps {
  learned: LearnedStore;
  telemetry: Telemetry;
  /** The holder as it is now: another one than at the time of the hold when that was taken for dead. */
  current(): Owner;
}

/** The hold of a call that took from all its limits: in the list of calls in flight until it is settled. */
export function giveHold(request: HoldRequest, takes: Take[], holder: Owner, means: HoldDeps): Hold {
  const id = holder.nextHoldId();
  const enforced = takes.filter(({ limit }) => enforces(limit.policy));
  const heldNanoUsd = (enforced.length > 0 ? enforced : takes).reduce((most, take) => larger(most, take.amount), 0n);
  const limitIds = takes.filter(({ limit }) => existsAtPayi(limit.policy)).map(({ limit }) => limit.limitId);
  holder.journal.add(id, () => heldCall(id, request, heldNanoUsd, takes, limitIds));
  let settled = false;
  return {
    id,
    limitIds,
    heldNanoUsd,
    warnings: takes.flatMap((take) => warned(take, means)),
    settle: async (actualNanoUsd, outcome) => {
      if (settled) return;
      settled = true;
      holder.journal.remove(id);
      for (const take of takes) settle(take, actualNanoUsd ?? take.amount, holder, means);
      if (actualNanoUsd === null) return;
      learn(request, heldNanoUsd, actualNanoUsd, outcome, means);
      const missed = takes.filter(({ limit, amount }) => actualNanoUsd > amount && enforces(limit.policy));
      if (missed.length > 0 && holder === means.current()) await write(missed, means);
    },
  };
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

function learn(
  { learnedKey }: HoldRequest,
  held: bigint,
  actual: bigint,
  outcome: Outcome,
  { learned, telemetry }: HoldDeps,
): void {
  const bound = learnedKey === undefined ? 'sound' : 'learned';
  if (learnedKey !== undefined && outcome === 'succeeded') learned.add(learnedKey, actual);
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
