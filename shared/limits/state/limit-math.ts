import { maximumOf, type Policy } from '../policies/policy.ts';
import { fromFigure, toFigure } from '../policies/units.ts';
import type { AllocationRow, StateRow } from './limit-rows.ts';
import { recordSpend } from './spend-history.ts';

/** The amounts of a policy in its unit; so are all amounts of a limit. */
export interface LimitAmounts {
  maxNano: bigint;
  /** From here on calls get warnings; the maximum where the policy has no threshold. */
  warnNano: bigint;
  /** Shares of the maximum, in percent, at which alerts go out: `50,80,95`; absent: none. */
  alertAt?: string;
}

export function amountsOf(policy: Policy): LimitAmounts {
  const { unit, threshold = 1, alerts } = policy;
  const maxNano = maximumOf(policy);
  return {
    maxNano,
    warnNano: fromFigure(unit, toFigure(unit, maxNano) * threshold),
    alertAt: (alerts ?? []).map(toPercent).join(),
  };
}

const toPercent = (share: number): number => Math.round(share * 100);

/** True where the policy can refuse a call. */
export const enforces = (policy: Policy): boolean => policy.type !== 'allow' && !policy.shadow;

/**
 * What counts as spent, in nano-USD: what we settled, or Pay-i's figure and what it can't have seen, whichever is more.
 * It may count too much until the next refresh, never too little.
 */
export function spentOf(state: StateRow): bigint {
  const unreported = larger(0n, state.settledNano - state.payiReportedNano);
  return larger(state.settledNano, state.payiNano + unreported);
}

/** What a limit with this maximum has, in nano-USD. What processes set aside is not held: calls can still spend it. */
export function roomOf(state: StateRow, maxNano: bigint): { spentNano: bigint; heldNano: bigint; leftNano: bigint } {
  const spentNano = spentOf(state);
  const heldNano = state.heldNano - state.idleNano;
  return { spentNano, heldNano, leftNano: larger(0n, maxNano - spentNano - heldNano) };
}

/** Index into `levels`. A refusal is not seen here. Pay-i's own comparisons. */
export const levelOf = (spent: bigint, { maxNano, warnNano }: LimitAmounts): number =>
  spent > maxNano ? 2 : spent >= warnNano ? 1 : 0;

/** What a process wants to write down. Money in nano-USD. */
export interface SyncRequest extends LimitAmounts {
  /** See `StateRow`. */
  whose?: string | undefined;
  /** False: nothing is held, only costs are written down. */
  enforced: boolean;
  /** What this process has settled so far, all in all, and what its calls in flight hold. */
  ownSettledNano: bigint;
  inFlightNano: bigint;
  /** Missed since the last write. */
  missedNano: bigint;
  /** What waiting calls need, in order. */
  wants: readonly bigint[];
  /** What further calls will soon need, and the least that is worth setting aside; granted as far as the limit is not near. */
  spareNano: bigint;
  leastSpareNano: bigint;
  nowMs: number;
}

export interface SyncPlan {
  state: StateRow;
  slice: AllocationRow;
  /** For each want, whether it fits. */
  granted: boolean[];
  /** Room that is left beside all holds. */
  leftNano: bigint;
  spentNano: bigint;
  /** What other processes hold, and the part of it that they don't use: a call that did not fit may fit when they give it back. */
  elsewhereNano: bigint;
  idleElsewhereNano: bigint;
  /** The limit's level where this write is the first to reach it or a share of `alertAt`. */
  crossed: number | undefined;
}

/** One process may set aside this part of the room beyond its calls in flight: slices shrink as a limit gets near. */
const SPARE_SHARE = 16n;

/**
 * Works out the next state and slice. L1: nothing is granted past the maximum. Spent + held can still come to be more by
 * what calls cost beyond their holds (learned bounds): those in flight when budget was last set aside, and those that
 * were let through on it since.
 */
export function planSync(state: StateRow, slice: AllocationRow, request: SyncRequest): SyncPlan {
  const { maxNano, warnNano } = request;
  const next: StateRow = {
    ...state,
    maxNano,
    warnNano,
    settledNano: state.settledNano + request.ownSettledNano - slice.ownSettledNano,
    missedNano: state.missedNano + request.missedNano,
    figuresAtMs: request.nowMs,
  };
  if (request.whose !== undefined) next.whose = request.whose;
  const spentNano = spentOf(next);
  const history = recordSpend(state.history, request.nowMs, spentNano);
  if (history !== undefined) next.history = history;
  if ((request.alertAt ?? '') !== (state.alertAt ?? '')) next.alertAt = request.alertAt ?? '';
  const others = state.heldNano - slice.amountNano;
  let inFlight = request.inFlightNano;
  let left = maxNano - spentNano - others - (request.enforced ? inFlight : 0n);
  const granted = request.wants.map((want) => {
    if (want > left) return false;
    left -= want;
    inFlight += want;
    return true;
  });
  const roomy = request.enforced && !granted.includes(false);
  const most = smaller(request.spareNano, left / SPARE_SHARE);
  const spare = roomy && most >= request.leastSpareNano ? larger(0n, most) : 0n;
  const amountNano = request.enforced ? inFlight + spare : 0n;
  const idleElsewhereNano = state.idleNano - slice.idleNano;
  next.heldNano = others + amountNano;
  next.idleNano = idleElsewhereNano + spare;
  const crossed = moveLevel(next, state.maxNano, spentNano, request.nowMs);
  return {
    state: next,
    slice: { ...slice, amountNano, idleNano: spare, ownSettledNano: request.ownSettledNano },
    granted,
    leftNano: left - spare,
    spentNano,
    elsewhereNano: others,
    idleElsewhereNano,
    crossed,
  };
}

/** Moves `next` to the level and share that it has come to; the level if one of them is to be reported. Only a raised maximum lowers them. */
export function moveLevel(next: StateRow, maxBefore: bigint, spent: bigint, nowMs: number): number | undefined {
  const level = levelOf(spent, next);
  const from = next.level;
  const share = shareOf(spent, next);
  const { share: shareFrom = 0, shareAtMs = 0 } = next;
  const isRaised = next.maxNano > maxBefore;
  // One write reports one crossing, the later time of the two: see `lastCrossing`.
  if (level > from) Object.assign(next, { level, levelAtMs: Math.max(nowMs, shareAtMs) });
  else if (isRaised && level < from) Object.assign(next, { level, announced: level });
  if (share > shareFrom) {
    const atMs = level > from ? next.levelAtMs : Math.max(nowMs, next.levelAtMs + 1);
    Object.assign(next, { share, shareAtMs: atMs });
  } else if (isRaised && share < shareFrom) lowerShare(next, share);
  return level > from || share > shareFrom ? next.level : undefined;
}

/** The largest share of `alertAt`, in percent, that is spent; 0: none. */
export function shareOf(spent: bigint, { alertAt, maxNano }: Pick<StateRow, 'alertAt' | 'maxNano'>): number {
  if (!alertAt) return 0;
  const percents = alertAt.split(',').map(Number);
  return Math.max(0, ...percents.filter((percent) => spent * 100n >= BigInt(percent) * maxNano));
}

/** What it will reach once more is to be reported once more. */
export function lowerShare(next: StateRow, share: number): void {
  if (next.share === undefined) return;
  next.share = Math.min(next.share, share);
  next.shareAnnounced = Math.min(next.shareAnnounced ?? 0, next.share);
}

/** True when writing the plan would change nothing. */
export const samePlan = (state: StateRow, slice: AllocationRow, plan: SyncPlan): boolean =>
  stateColumns.every((column) => state[column] === plan.state[column]) &&
  sliceColumns.every((column) => slice[column] === plan.slice[column]);
const stateColumns = [
  'settledNano',
  'heldNano',
  'missedNano',
  'level',
  'share',
  'maxNano',
  'warnNano',
  'alertAt',
] as const;
const sliceColumns = ['amountNano', 'idleNano', 'ownSettledNano'] as const;

export const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** The smaller one of two that may be absent. */
export const smallerOf = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined ? b : b === undefined ? a : smaller(a, b);
