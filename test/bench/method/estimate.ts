/** A median, and the interval that holds the true median with 99 %. Without enough values the interval has no ends. */
export interface Estimate {
  median: number;
  low: number;
  high: number;
  /** How many values it comes from. */
  values: number;
}

/** Looked at up to four times while rounds are added, so that a conclusion is wrong in at most 4 of 100 cases. */
const RISK = 0.01;

/** The interval comes from the order of the values alone (sign test): nothing is assumed of how they scatter. */
export function estimate(values: number[]): Estimate {
  const sorted = [...values].sort((a, b) => a - b);
  const outside = outsideInterval(sorted.length);
  return {
    median: middle(sorted),
    low: outside < 0 ? Number.NEGATIVE_INFINITY : (sorted[outside] ?? Number.NaN),
    high: outside < 0 ? Number.POSITIVE_INFINITY : (sorted[sorted.length - 1 - outside] ?? Number.NaN),
    values: sorted.length,
  };
}

/** The median of sorted values; NaN of none. */
function middle(sorted: number[]): number {
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** How many values may stay outside at each end, from the binomial distribution; -1 where even all of them are too few. */
function outsideInterval(count: number): number {
  let chance = 0.5 ** count;
  let below = chance;
  let outside = -1;
  while (2 * below <= RISK && 2 * (outside + 1) < count) {
    outside += 1;
    chance = (chance * (count - outside)) / (outside + 1);
    below += chance;
  }
  return outside;
}

/** The value below which the share of the values lies; NaN of none. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
