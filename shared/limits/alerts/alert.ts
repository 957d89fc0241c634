import { limitEndMs, parseLimitId, unitOf } from '../policies/limit-id.ts';
import { type Figures, figuresOf } from '../policies/units.ts';
import { type Forecast, forecastOf } from '../state/forecast.ts';
import { foreseeLimit } from '../state/foresee.ts';
import { spentOf } from '../state/limit-math.ts';
import { levels, type StateRow } from '../state/limit-rows.ts';

/** What of a limit's row is to be reported: that it has come to its level, or to a share of its maximum. */
export type CrossingKind = 'level' | 'share';

/** What is reported of a crossing, as a receiver of JSON gets it. Times are ISO 8601, UTC. */
export type Alert = {
  event: 'limit-crossed';
  /** The same in every attempt and for every target: a receiver that answered too late gets it again. */
  id: string;
  limitId: string;
  policy: string;
  /** The limit's level now; `share`: the largest share of the maximum (in percent) of the policy's `alerts` that is spent. */
  level: (typeof levels)[number];
  share?: number;
  at: string;
  resetsAt: string | null;
  /** How it goes on if calls go on as they do; null while too little is known, and once nothing is left. */
  forecast: Forecast | null;
} & Figures<'max' | 'spent'>;

/** Of what the row last reached. When both were reached by one write, that is one crossing, of the level. */
export const lastCrossing = ({ levelAtMs, shareAtMs = 0 }: StateRow): CrossingKind =>
  shareAtMs > levelAtMs ? 'share' : 'level';

/** What of a limit's row was not announced yet. A level's alert says which share is spent, so an earlier share needs none of its own. */
export function unannounced(state: StateRow): CrossingKind[] {
  const { level, announced, share = 0, shareAnnounced = 0 } = state;
  const isLevelNew = level > announced;
  const isShareNew = share > shareAnnounced && (!isLevelNew || lastCrossing(state) === 'share');
  return [...(isLevelNew ? (['level'] as const) : []), ...(isShareNew ? (['share'] as const) : [])];
}

/** The columns that say that a crossing of `state` was announced, in the row as it is now. */
export function announcedColumns(state: StateRow, kind: CrossingKind, now: StateRow): Partial<StateRow> {
  const ofShare = kind === lastCrossing(state) && (state.share ?? 0) > (now.shareAnnounced ?? 0);
  return {
    ...(kind === 'level' && state.level > now.announced && { announced: state.level }),
    ...(ofShare && { shareAnnounced: state.share ?? 0 }),
  };
}

/** `overrun`, or `80%`. */
export const reachedBy = (state: StateRow, kind: CrossingKind): string =>
  kind === 'share' ? `${state.share ?? 0}%` : (levels[state.level] ?? 'ok');

export function alertOf(state: StateRow, kind: CrossingKind, nowMs: number): Alert {
  const { limitId, epoch, level, levelAtMs, shareAtMs = 0, maxNano, share = 0 } = state;
  const atMs = kind === 'share' ? shareAtMs : levelAtMs;
  const endMs = limitEndMs(limitId);
  const foresight = foreseeLimit(state, maxNano, nowMs);
  return {
    event: 'limit-crossed',
    id: `${limitId} ${epoch} ${reachedBy(state, kind)} ${atMs}`,
    limitId,
    policy: parseLimitId(limitId)?.policyName ?? 'unknown',
    level: levels[level] ?? 'ok',
    ...(share > 0 && { share }),
    ...figuresOf(unitOf(limitId), { max: maxNano, spent: spentOf(state) }),
    at: new Date(atMs).toISOString(),
    resetsAt: endMs === null ? null : new Date(endMs).toISOString(),
    forecast: foresight ? forecastOf(unitOf(limitId), foresight) : null,
  };
}
