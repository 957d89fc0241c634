import { toUsd } from '../../util/money.ts';
import { limitEndMs } from '../policies/limit-id.ts';
import { isShared, type Policy } from '../policies/policy.ts';
import type { Whose } from '../policies/scope-keys.ts';
import { type CountUnit, type Figures, figuresOf } from '../policies/units.ts';
import { type Forecast, forecastOf } from '../state/forecast.ts';
import { foreseeLimit } from '../state/foresee.ts';
import { amountsOf, enforces, levelOf, roomOf } from '../state/limit-math.ts';
import { levels, newState, type StateRow, whoseOf } from '../state/limit-rows.ts';

const reachedLevel = levels.indexOf('reached');

/** A limit as people and programs see it, with figures in its unit. */
export type LimitView = DescribedLimit & ViewedFigures;

interface DescribedLimit {
  limitId: string;
  /** null for a limit without a key, and while it is not known. */
  whose: Whose | null;
  policy: string;
  scope: Policy['scope'];
  window: Policy['window'];
  type: Policy['type'];
  shadow: boolean;
  /** When a process last wrote what is spent, held and set aside; null before the first call. */
  asOf: string | null;
  state: (typeof levels)[number];
  resetsAt: string | null;
}

/**
 * `spent`: what calls have used. `held`: what calls in flight hold. `setAside`: what processes have set aside and no call holds; calls
 * can still spend it, so it is a part of `left`: what calls can still spend now. `abandoned`: the part of `spent` that is held budget
 * of processes that died. `missed`: what calls used beyond what was held for them.
 */
type Viewed = Figures<'max' | 'spent' | 'held' | 'setAside' | 'left' | 'abandoned' | 'missed', 'threshold'>;

/** `forecast`: see `foreseeLimit`; null while too little is known, and once nothing is left. `refused`: the largest call of this period that had no room, and when the first one was refused. `payi`: what Pay-i says. */
type ViewedFigures =
  | (Extract<Viewed, { unit: 'usd' }> & {
      refused: { neededUsd: number; at: string } | null;
      payi: { spentUsd: number; asOf: string | null };
      forecast: Forecast<'usd'> | null;
    })
  | (Exclude<Viewed, { unit: 'usd' }> & {
      refused: { needed: number; at: string } | null;
      payi: null;
      forecast: Forecast<CountUnit> | null;
    });

/** `state` is undefined for a limit that no call has counted against yet. `nowMs`: UTC, from when on it is foreseen. */
export function viewOf(limitId: string, policy: Policy, nowMs: number, state: StateRow = newState(limitId)): LimitView {
  const { maxNano, warnNano } = amountsOf(policy);
  const { spentNano, heldNano, leftNano } = roomOf(state, maxNano);
  const endMs = limitEndMs(limitId);
  const refusedNano = state.level === reachedLevel ? (state.refusedNano ?? 0n) : 0n;
  const isReached = enforces(policy) && (leftNano === 0n || leftNano < refusedNano);
  const figures: Viewed = figuresOf(
    policy.unit,
    {
      max: maxNano,
      spent: spentNano,
      held: heldNano,
      setAside: state.idleNano,
      left: leftNano,
      abandoned: state.abandonedNano,
      missed: state.missedNano,
    },
    { threshold: policy.threshold === undefined ? null : warnNano },
  );
  const at = new Date(state.levelAtMs).toISOString();
  const foresight = foreseeLimit(state, maxNano, nowMs);
  const forecast = foresight ? forecastOf(policy.unit, foresight) : null;
  return {
    limitId,
    whose: whoseOf(state),
    policy: policy.name,
    scope: policy.scope,
    window: policy.window,
    type: policy.type,
    shadow: policy.shadow,
    ...(figures.unit === 'usd'
      ? {
          ...figures,
          refused: refusedNano === 0n ? null : { neededUsd: toUsd(refusedNano), at },
          payi: { spentUsd: toUsd(state.payiNano), asOf: timeOrNull(state.payiAtMs) },
          forecast: forecast as Forecast<'usd'> | null,
        }
      : {
          ...figures,
          refused: refusedNano === 0n ? null : { needed: Number(refusedNano), at },
          payi: null,
          forecast: forecast as Forecast<CountUnit> | null,
        }),
    asOf: timeOrNull(state.figuresAtMs),
    state: isReached ? 'reached' : (levels[levelOf(spentNano, { maxNano, warnNano })] ?? 'ok'),
    resetsAt: endMs === null ? null : new Date(endMs).toISOString(),
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
