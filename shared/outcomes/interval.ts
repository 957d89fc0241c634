/** Values of a sample, as sums that determine mean and variance. */
export interface Sample {
  count: number;
  sum: number;
  /** Of the squares. */
  squares: number;
}

export const noSample = (): Sample => ({ count: 0, sum: 0, squares: 0 });

export function addToSample(sample: Sample, value: number): void {
  sample.count += 1;
  sample.sum += value;
  sample.squares += value * value;
}

/** Low and high end of a 95 % confidence interval. */
export type Interval95 = readonly [low: number, high: number];

const Z = 1.959963984540054;

/** Wilson's interval of a share; undefined without values. */
export function shareInterval(successes: number, count: number): Interval95 | undefined {
  if (count === 0) return undefined;
  const share = successes / count;
  const factor = 1 / (1 + Z ** 2 / count);
  const middle = share + Z ** 2 / (2 * count);
  const spread = Z * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  return [Math.max(0, factor * (middle - spread)), Math.min(1, factor * (middle + spread))];
}

/** Student's interval of a mean; undefined with fewer than two values, which say nothing of how far they are spread. */
export function meanInterval({ count, sum, squares }: Sample): Interval95 | undefined {
  if (count < 2) return undefined;
  const mean = sum / count;
  // Rounding may bring it below 0.
  const variance = Math.max(0, (squares - count * mean ** 2) / (count - 1));
  const spread = studentQuantile(count - 1) * Math.sqrt(variance / count);
  return [mean - spread, mean + spread];
}

const ofFewDegrees = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604, 2.1448, 2.1314,
];

/** The quantile of 97.5 % of Student's distribution (Abramowitz and Stegun 26.7.5 from 16 degrees on: within 0.0001). */
function studentQuantile(degrees: number): number {
  const known = ofFewDegrees[degrees - 1];
  if (known !== undefined) return known;
  const first = (Z ** 3 + Z) / 4;
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  return Z + first / degrees + second / degrees ** 2;
}
