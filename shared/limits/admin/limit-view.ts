import { toUsd } from '../../util/money.ts';
import { limitEndMs } from '../policies/limit-id.ts';
import { isShared, type Policy } from '../policies/policy.ts';
import { amountsOf, enforces, levelOf, roomOf } from '../state/limit-math.ts';
import { levels, newState, type StateRow } from '../state/limit-rows.ts';

const reachedLevel = levels.indexOf('reached');

/** A limit as people and programs see it. */
export interface LimitView {
  limitId: string;
  policy: string;
  scope: Policy['scope'];
  window: Policy['window'];
  type: Policy['type'];
  shadow: boolean;
  maxUsd: number;
  thresholdUsd: number | null;
  /** What calls have cost. */
  spentUsd: number;
  /** What calls in flight hold. */
  heldUsd: number;
  /** What processes have set aside and no call holds. Calls can still spend it: a part of `leftUsd`. */
  setAsideUsd: number;
  /** What calls can still spend now. */
  leftUsd: number;
  /** When a process last wrote what is spent, held and set aside; null before the first call. */
  asOf: string | null;
  state: (typeof levels)[number];
  /** The largest call of this period that had no room, and when the first one was refused. */
  refused: { neededUsd: number; at: string } | null;
  /** The part of `spentUsd` that is held budget of processes that died. */
  abandonedUsd: number;
  /** What calls cost beyond what was held for them. */
  missedUsd: number;
  resetsAt: string | null;
  payi: { spentUsd: number; asOf: string | null };
}

/** `state` is undefined for a limit that no call has counted against yet. */
export function viewOf(limitId: string, policy: Policy, state: StateRow = newState(limitId)): LimitView {
  const { maxNano, warnNano } = amountsOf(policy);
  const { spentNano, heldNano, leftNano } = roomOf(state, maxNano);
  const endMs = limitEndMs(limitId);
  const refusedNano = state.level === reachedLevel ? (state.refusedNano ?? 0n) : 0n;
  const isReached = enforces(policy) && (leftNano === 0n || leftNano < refusedNano);
  return {
    limitId,
    policy: policy.name,
    scope: policy.scope,
    window: policy.window,
    type: policy.type,
    shadow: policy.shadow,
    maxUsd: policy.maxUsd,
    thresholdUsd: policy.threshold === undefined ? null : toUsd(warnNano),
    spentUsd: toUsd(spentNano),
    heldUsd: toUsd(heldNano),
    setAsideUsd: toUsd(state.idleNano),
    leftUsd: toUsd(leftNano),
    asOf: timeOrNull(state.figuresAtMs),
    state: isReached ? 'reached' : (levels[levelOf(spentNano, { maxNano, warnNano })] ?? 'ok'),
    refused: refusedNano === 0n ? null : { neededUsd: toUsd(refusedNano), at: new Date(state.levelAtMs).toISOString() },
    abandonedUsd: toUsd(state.abandonedNano),
    missedUsd: toUsd(state.missedNano),
    resetsAt: endMs === null ? null : new Date(endMs).toISOString(),
    payi: { spentUsd: toUsd(state.payiNano), asOf: timeOrNull(state.payiAtMs) },
  };
}

/** What a user sees of a limit that other users share: whether it has room, never its figures. */
export type SharedLimitView = Pick<
  LimitView,
  'limitId' | 'policy' | 'scope' | 'window' | 'type' | 'shadow' | 'resetsAt'
> & {
  state: 'ok' | 'reached';
};

/** A limit as a user sees it. Those of the user and of the access key are whole. */
export function viewForUser(view: LimitView): LimitView | SharedLimitView {
  if (!isShared(view)) return view;
  const { limitId, policy, scope, window, type, shadow, resetsAt } = view;
  return { limitId, policy, scope, window, type, shadow, state: view.state === 'reached' ? 'reached' : 'ok', resetsAt };
}

const timeOrNull = (ms = 0): string | null => (ms === 0 ? null : new Date(ms).toISOString());
