import type { SpendPoint } from './spend-history.ts';

/** How fast a limit is spent: `level + slope × t`, where t is the time from now on. Time in ms, amounts in the unit's smallest step. */
export interface FittedRate {
  level: number;
  slope: number;
  /** Variances of level and slope, and their covariance. */
  levelVariance: number;
  slopeVariance: number;
  covariance: number;
  /** By how much what is spent varies: the variance that each ms adds. */
  noise: number;
  /** Observations beyond the parameters. */
  freedom: number;
  /** How long was observed. */
  spanMs: number;
}

const LEAST_INTERVALS = 4;
/** With fewer a slope is mostly noise. */
const LEAST_FOR_SLOPE = 8;
const HALVINGS = 2;

interface Interval {
  /** Its middle, from now on: negative. */
  t: number;
  lengthMs: number;
  rate: number;
  /** What is recent counts more: half as much each half of the span. */
  decay: number;
}

/**
 * Weighted least squares over the rates between points; `now` closes the last interval. Undefined while there are too few points.
 * What goes down (a correction) counts as nothing spent.
 */
export function fitRate(points: readonly SpendPoint[], now: SpendPoint): FittedRate | undefined {
  const [first] = points;
  if (!first) return undefined;
  const spanMs = now.atMs - first.atMs;
  const intervals = intervalsOf([...points, now], now.atMs, spanMs);
  if (intervals.length < LEAST_INTERVALS) return undefined;
  const parameters = intervals.length < LEAST_FOR_SLOPE ? 1 : 2;
  const sum = (term: (interval: Interval) => number) =>
    intervals.reduce((total, interval) => total + term(interval), 0);
  const weight = ({ decay, lengthMs }: Interval) => decay * lengthMs;
  // The variance of a rate is noise ÷ length, so weights grow with the length.
  const a0 = sum(weight);
  const a1 = sum((each) => weight(each) * each.t);
  const a2 = sum((each) => weight(each) * each.t ** 2);
  const y0 = sum((each) => weight(each) * each.rate);
  const y1 = sum((each) => weight(each) * each.t * each.rate);
  const determinant = a0 * a2 - a1 ** 2;
  const hasSlope = parameters === 2 && determinant > 0;
  const slope = hasSlope ? (a0 * y1 - a1 * y0) / determinant : 0;
  const level = (y0 - slope * a1) / a0;
  const effective = sum(({ decay }) => decay) ** 2 / sum(({ decay }) => decay ** 2);
  const freedom = Math.max(1, effective - parameters);
  const squares = sum(({ decay, lengthMs, rate, t }) => decay * lengthMs * (rate - level - slope * t) ** 2);
  const noise = ((squares / sum(({ decay }) => decay)) * effective) / freedom;
  const b = (power: number) => noise * sum((each) => each.decay * weight(each) * each.t ** power);
  const common = { level, slope, noise, freedom, spanMs };
  if (!hasSlope) return { ...common, levelVariance: b(0) / a0 ** 2, slopeVariance: 0, covariance: 0 };
  const [b0, b1, b2] = [b(0), b(1), b(2)];
  const scale = determinant ** 2;
  return {
    ...common,
    levelVariance: (a2 ** 2 * b0 - 2 * a1 * a2 * b1 + a1 ** 2 * b2) / scale,
    slopeVariance: (a1 ** 2 * b0 - 2 * a0 * a1 * b1 + a0 ** 2 * b2) / scale,
    covariance: (-a1 * a2 * b0 + (a0 * a2 + a1 ** 2) * b1 - a0 * a1 * b2) / scale,
  };
}

function intervalsOf(points: readonly SpendPoint[], nowMs: number, spanMs: number): Interval[] {
  return points.flatMap((point, place) => {
    const before = points[place - 1];
    const lengthMs = before ? point.atMs - before.atMs : 0;
    if (!before || lengthMs <= 0) return [];
    const t = (before.atMs + point.atMs) / 2 - nowMs;
    const rate = Math.max(0, point.spent - before.spent) / lengthMs;
    return [{ t, lengthMs, rate, decay: 0.5 ** ((-t * HALVINGS) / spanMs) }];
  });
}
