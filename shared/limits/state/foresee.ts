import { limitEndMs } from '../policies/limit-id.ts';
import { type FittedRate, fitRate } from './fit-rate.ts';
import { spentOf } from './limit-math.ts';
import type { StateRow } from './limit-rows.ts';
import { type SpendPoint, spendPoints } from './spend-history.ts';

/** An estimate with the interval in which the true value is with a probability of 80 %. */
export interface Estimate<T> {
  likely: T;
  from: T;
  to: T;
}

/** How a limit goes on if calls go on as they do. Amounts in the smallest step of its unit. */
export interface Foresight {
  perHour: number;
  /** Of the rate; `steady` where a change can't be told from chance. */
  trend: 'rising' | 'steady' | 'falling';
  /** When the maximum will be spent (ms, UTC); null: not before the limit's end, or beyond what can be told. */
  exhaustedMs: Estimate<number | null>;
  /** What will be spent at the end of the period; null for a limit without one. */
  atEnd: Estimate<number> | null;
}

export interface Outlook {
  maxNano: bigint;
  nowMs: number;
  /** null: the limit has no end. */
  endMs: number | null;
}

const HOUR_MS = 3_600_000;
/** The quantile of the normal distribution that 10 % are above. */
const Z = 1.2816;
/** Without an end nothing is said beyond so many times what was observed. */
const REACH = 10;
const STEPS = 200;
/** Over what was observed; by less a rate does not rise or fall. */
const LEAST_CHANGE = 0.05;

/**
 * Foresees a limit from what it had spent at some moments. Undefined while that says too little, and once nothing is left. It knows
 * no hours of the day: what nobody spends at night is spread over it.
 */
export function foresee(
  points: readonly SpendPoint[],
  spentNano: bigint,
  { maxNano, nowMs, endMs }: Outlook,
): Foresight | undefined {
  const spent = Number(spentNano);
  const left = Number(maxNano) - spent;
  const rate = left > 0 ? fitRate(points, { atMs: nowMs, spent }) : undefined;
  if (!rate) return undefined;
  const horizonMs = endMs === null ? REACH * rate.spanMs : endMs - nowMs;
  if (horizonMs <= 0) return undefined;
  const path = pathOf(rate, horizonMs);
  const when = (of: keyof Estimate<number>) => {
    const afterMs = firstAt(path, horizonMs, of, left);
    return afterMs === null ? null : Math.round(nowMs + afterMs);
  };
  const last = path.at(-1) ?? { likely: 0, from: 0, to: 0 };
  const change = Math.abs(rate.slope);
  const isSure = change > 2 * Math.sqrt(rate.slopeVariance) && change * rate.spanMs > LEAST_CHANGE * rate.level;
  const atEnd = (of: keyof Estimate<number>) => Math.round(spent + last[of]);
  return {
    perHour: Math.round(Math.max(0, rate.level) * HOUR_MS),
    trend: !isSure ? 'steady' : rate.slope > 0 ? 'rising' : 'falling',
    // What is spent at most ends the budget first.
    exhaustedMs: { likely: when('likely'), from: when('to'), to: when('from') },
    atEnd: endMs === null ? null : { likely: atEnd('likely'), from: atEnd('from'), to: atEnd('to') },
  };
}

/** Times of an estimate as ISO 8601, UTC. */
export const timesOf = ({ likely, from, to }: Estimate<number | null>): Estimate<string | null> => ({
  likely: isoOrNull(likely),
  from: isoOrNull(from),
  to: isoOrNull(to),
});
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** Foresees a limit from its row. `spentNano`: what is spent where that is known better. */
export const foreseeLimit = (
  state: StateRow,
  maxNano: bigint,
  nowMs: number,
  spentNano: bigint = spentOf(state),
): Foresight | undefined =>
  foresee(spendPoints(state.history), spentNano, { maxNano, nowMs, endMs: limitEndMs(state.limitId) });

/** What is spent from now on, at equal steps up to the horizon. It never goes down. */
function pathOf(rate: FittedRate, horizonMs: number): Estimate<number>[] {
  const path: Estimate<number>[] = [{ likely: 0, from: 0, to: 0 }];
  // Student's t for few observations.
  const t = Z + (Z ** 3 + Z) / (4 * rate.freedom);
  for (let step = 1; step <= STEPS; step++) {
    const h = (horizonMs * step) / STEPS;
    // A slope goes on for as long as it was seen; from then on the rate stays.
    const g = h <= rate.spanMs ? h ** 2 / 2 : rate.spanMs ** 2 / 2 + rate.spanMs * (h - rate.spanMs);
    const likely = rate.level * h + rate.slope * g;
    const ofRate = h ** 2 * rate.levelVariance + 2 * h * g * rate.covariance + g ** 2 * rate.slopeVariance;
    const deviation = t * Math.sqrt(Math.max(0, ofRate) + rate.noise * h);
    const before = path.at(-1) ?? { likely: 0, from: 0, to: 0 };
    path.push({
      likely: Math.max(before.likely, likely),
      from: Math.max(before.from, likely - deviation),
      to: Math.max(before.to, likely + deviation),
    });
  }
  return path;
}

/** After how long (ms) a line of the path gets to an amount; null: not within it. */
function firstAt(
  path: readonly Estimate<number>[],
  horizonMs: number,
  of: keyof Estimate<number>,
  amount: number,
): number | null {
  const place = path.findIndex((point) => point[of] >= amount);
  if (place <= 0) return null;
  const [before, after] = [path[place - 1]?.[of] ?? 0, path[place]?.[of] ?? 0];
  const part = after > before ? (amount - before) / (after - before) : 1;
  return ((place - 1 + part) * horizonMs) / STEPS;
}
