import { type Interval95, meanInterval, type Sample } from './interval.ts';

/** A mean or share with the ends of its 95 % confidence interval; null with too few values for one. */
export interface OutcomeEstimate {
  value: number;
  low: number | null;
  high: number | null;
}

export const estimateOf = (value: number, interval: Interval95 | undefined): OutcomeEstimate => ({
  value,
  low: interval?.[0] ?? null,
  high: interval?.[1] ?? null,
});

export const meanOf = (sample: Sample): OutcomeEstimate =>
  estimateOf(sample.count === 0 ? 0 : sample.sum / sample.count, meanInterval(sample));
