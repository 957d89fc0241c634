import { toUsd } from '../../util/money.ts';
import { parseLimitId, periodEndMs } from '../policies/limit-id.ts';
import type { Policy } from '../policies/policy.ts';
import { amountsOf, larger, levelOf, spentOf } from '../state/limit-math.ts';
import { levels, newState, type StateRow } from '../state/limit-rows.ts';

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
  spentUsd: number;
  heldUsd: number;
  leftUsd: number;
  state: string;
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
  const spent = spentOf(state);
  const endMs = periodEndMs(parseLimitId(limitId)?.period ?? 'always');
  const full = policy.type === 'block' && !policy.shadow && spent >= maxNano;
  return {
    limitId,
    policy: policy.name,
    scope: policy.scope,
    window: policy.window,
    type: policy.type,
    shadow: policy.shadow,
    maxUsd: policy.maxUsd,
    thresholdUsd: policy.threshold === undefined ? null : toUsd(warnNano),
    spentUsd: toUsd(spent),
    heldUsd: toUsd(state.heldNano),
    leftUsd: toUsd(larger(0n, maxNano - spent - state.heldNano)),
    state: full ? 'blocked' : (levels[levelOf(spent, { maxNano, warnNano })] ?? 'ok'),
    abandonedUsd: toUsd(state.abandonedNano),
    missedUsd: toUsd(state.missedNano),
    resetsAt: endMs === null ? null : new Date(endMs).toISOString(),
    payi: {
      spentUsd: toUsd(state.payiNano),
      asOf: state.payiAtMs === 0 ? null : new Date(state.payiAtMs).toISOString(),
    },
  };
}

/** What a user sees of a limit that other users share: whether it has room, never its figures. */
export type SharedLimitView = Pick<
  LimitView,
  'limitId' | 'policy' | 'scope' | 'window' | 'type' | 'shadow' | 'resetsAt'
> & {
  state: 'ok' | 'blocked';
};

/** A limit as a user sees it. Those of the user and of the access key are whole. */
export function viewForUser(view: LimitView): LimitView | SharedLimitView {
  if (view.scope === 'user' || view.scope === 'key') return view;
  const { limitId, policy, scope, window, type, shadow, resetsAt } = view;
  return { limitId, policy, scope, window, type, shadow, state: view.state === 'blocked' ? 'blocked' : 'ok', resetsAt };
}
