import type { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { LimitReachedError } from '../policies/errors.ts';
import type { BoundExplanation } from '../policies/explanation.ts';
import type { AppliedLimit } from '../policies/limit-id.ts';
import { enforces } from '../state/limit-math.ts';
import { amountFor, type CallBound } from './call-bound.ts';
import { closerBound, explainRefusal } from './closer-bound.ts';
import type { FellBack, HoldRequest } from './gate.ts';
import type { LearnedStore } from './learned-store.ts';
import { refuseUnbounded } from './refuse-unbounded.ts';
import { byStrictness } from './take-limits.ts';

/** What a limit has, in its unit. */
export interface LimitRoom {
  limit: AppliedLimit;
  maxNano: bigint;
  spentNano: bigint;
  /** What calls can still spend; never below 0. */
  leftNano: bigint;
}

/** How one limit would take a call, in its unit. */
export interface CheckedLimit extends LimitRoom {
  neededNano: bigint;
  passes: boolean;
}

/** Whether a call would pass all its limits as they are now. */
export interface CallCheck {
  /** The most that the call can cost, in nano-USD. */
  boundNanoUsd: bigint;
  /** True where the provider counted the prompt for it. */
  isCounted: boolean;
  limits: CheckedLimit[];
  /** The limit without room that decides what happens to the call; undefined: it fits all. */
  full: AppliedLimit | undefined;
  /** The cheaper form in which the call would be made; absent: as it was asked. */
  fellBack?: FellBack;
  /** What the call would be refused with; undefined: it would pass. */
  refusal: TrailmeterError | undefined;
  /** Its parts are in nano-USD. */
  explanation: BoundExplanation;
}

/** Does what the gate does before a call, but holds nothing. */
export async function checkLimits(
  request: HoldRequest,
  rooms: readonly LimitRoom[],
  learned: LearnedStore,
  nowMs: number,
): Promise<CallCheck> {
  let bound: CallBound = { most: request.bound, certain: request.serverTools?.certain };
  const checked = () =>
    rooms.map((room): CheckedLimit => {
      const { policy } = room.limit;
      const neededNano = amountFor(policy, request, bound, learned);
      return { ...room, neededNano, passes: !enforces(policy) || neededNano <= room.leftNano };
    });
  let limits = checked();
  const closer = limits.every(({ passes }) => passes) ? undefined : await closerBound(request, bound);
  if (closer) {
    bound = closer;
    limits = checked();
  }
  const full = limits.filter(({ passes }) => !passes).sort((a, b) => byStrictness(a.limit, b.limit))[0];
  const why = full && explainRefusal(request, bound, full.limit.policy, full.neededNano, full.leftNano);
  const isUsd = full?.limit.policy.unit === 'usd';
  // What makes up the bound in USD, and what would make the call fit the limit that has no room.
  const parts =
    why && isUsd ? why.parts : explainRefusal(request, bound, { unit: 'usd' }, bound.most.nanoUsd, 0n).parts;
  return {
    boundNanoUsd: bound.most.nanoUsd,
    isCounted: closer !== undefined,
    limits,
    full: full?.limit,
    refusal: unbounded(request, rooms) ?? (full && reached(full, nowMs, why)),
    explanation: { parts, fits: why?.fits ?? [] },
  };
}

function unbounded(request: HoldRequest, rooms: readonly LimitRoom[]): TrailmeterError | undefined {
  return refuseUnbounded(
    request,
    rooms.map(({ limit }) => limit),
  );
}

function reached(
  { limit, maxNano, spentNano, leftNano, neededNano }: CheckedLimit,
  nowMs: number,
  explanation: BoundExplanation | undefined,
): LimitReachedError {
  const figures = { max: maxNano, spent: spentNano, left: leftNano, needed: neededNano };
  return new LimitReachedError({ ...limit, ...figures }, nowMs, explanation);
}
