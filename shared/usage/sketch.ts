/**
 * How values are spread, in buckets that grow by a constant factor (DDSketch, Masson et al. 2019): bucket to how many values. Sketches
 * are merged by adding up, in any order, to the same sketch. Milliseconds up to 2^31 need fewer than 1,100 buckets.
 */
export type Sketch = Map<number, number>;

/** A quantile is off by this share of the value at most. */
export const RELATIVE_ERROR = 0.01;

const GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const logGrowth = Math.log(GROWTH);
/** Values below 1. */
const ZERO = -1;

const bucketOf = (value: number): number => (value < 1 ? ZERO : Math.ceil(Math.log(value) / logGrowth));
const middleOf = (bucket: number): number => (bucket === ZERO ? 0 : (2 * GROWTH ** bucket) / (GROWTH + 1));

/** @param value 0 or more */
export function addValue(sketch: Sketch, value: number): void {
  const bucket = bucketOf(value);
  sketch.set(bucket, (sketch.get(bucket) ?? 0) + 1);
}

/** Adds the values of another sketch. */
export function addSketch(sketch: Sketch, other: Sketch): void {
  for (const [bucket, count] of other) sketch.set(bucket, (sketch.get(bucket) ?? 0) + count);
}

/** The quantiles of the shares (0 to 1): the values of rank ⌊share · (n - 1)⌋, in order. Undefined without a value. */
export function quantiles(sketch: Sketch, shares: readonly number[]): number[] | undefined {
  const buckets = [...sketch].sort(([a], [b]) => a - b);
  const count = buckets.reduce((sum, [, each]) => sum + each, 0);
  if (count === 0) return undefined;
  return shares.map((share) => {
    let rank = Math.floor(share * (count - 1));
    for (const [bucket, each] of buckets) {
      if (rank < each) return middleOf(bucket);
      rank -= each;
    }
    return middleOf(buckets.at(-1)?.[0] ?? ZERO);
  });
}
