import type { Units } from '../events/usage-event.ts';
import type { Fallback } from '../limits/gate/fallback.ts';
import type { LimitWarning } from '../limits/gate/gate.ts';
import { type Figures, figuresOf } from '../limits/policies/units.ts';
import { type Estimate, timesOf } from '../limits/state/foresee.ts';
import type { TrackContext } from '../tracking/context.ts';
import { toUsd } from '../util/money.ts';
import type { RunCaller } from './run-caller.ts';

/** What a request took. Part of every feature's answer, of a failed one too if a model was called. */
export interface AnswerMetrics {
  /** The model that really answered. */
  model: string;
  requestedModel: string;
  /** All input: fresh, cached and images. */
  inputTokens: number;
  outputTokens: number;
  webSearches: number;
  modelCalls: number;
  /** USD by our price book; null when a model has no price there. */
  cost: number | null;
  /** True: Pay-i prices the usage later and has the last word. */
  estimated: true;
  /** ms from the request to the end of its model work. */
  latency: number;
  timestamp: string;
  use_case_id: string;
  /** Where a call of the request was made in a cheaper form: the last one. */
  fallback?: Fallback;
  /** Limits that are near or past (they did not block). */
  limits: LimitNotice[];
}

/** A limit that is near or past, without its figures where the caller may not see them. */
type LimitNotice = { limitId: string; state: string } & (
  | ({ exhaustedAt?: Estimate<string | null> } & Figures<'max' | 'spent'>)
  | object
);

export function metricsOf(
  context: TrackContext,
  { role }: Pick<RunCaller, 'role'>,
  requestedModel: string,
  startedMs: number,
  nowMs: number,
): AnswerMetrics {
  const { calls } = context;
  const costs = calls.map((call) => call.costNanoUsd);
  const warnings = new Map(calls.flatMap((call) => call.warnings).map((warning) => [warning.limitId, warning]));
  const total = (side: 'input' | 'output', counts: (unit: string) => boolean) =>
    calls.reduce((sum, call) => sum + sumOf(call.units, side, counts), 0);
  const fallback = calls.findLast((call) => call.fallback)?.fallback;
  return {
    model: calls.at(-1)?.model ?? requestedModel,
    requestedModel,
    inputTokens: total('input', isTokens),
    outputTokens: total('output', isTokens),
    webSearches: total('output', isSearch),
    modelCalls: calls.length,
    cost: costs.includes(null) ? null : toUsd(costs.reduce<bigint>((sum, cost) => sum + (cost ?? 0n), 0n)),
    estimated: true,
    latency: Math.max(0, nowMs - startedMs),
    timestamp: new Date(nowMs).toISOString(),
    use_case_id: context.useCase?.id ?? '',
    ...(fallback && { fallback }),
    limits: [...warnings.values()].map((warning) => noticeOf(warning, role === 'admin' || !warning.isShared)),
  };
}

const noticeOf = (
  { limitId, state, unit, max, spent, exhaustedMs }: LimitWarning,
  showsFigures: boolean,
): LimitNotice => ({
  limitId,
  state,
  ...(showsFigures && figuresOf(unit, { max, spent })),
  ...(showsFigures && exhaustedMs && { exhaustedAt: timesOf(exhaustedMs) }),
});

const isSearch = (unit: string): boolean => unit === 'web_search_request';
const isTokens = (unit: string): boolean => !isSearch(unit);

const sumOf = (units: Units, side: 'input' | 'output', counts: (unit: string) => boolean): number =>
  Object.entries(units).reduce((sum, [unit, amounts]) => sum + (counts(unit) ? (amounts[side] ?? 0) : 0), 0);
