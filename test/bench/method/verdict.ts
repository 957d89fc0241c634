import type { Goal } from '../part.ts';
import { type Estimate, estimate } from './estimate.ts';

/** What is claimed of a median: that it is below or at least so much. */
export type Claim = { name: string; unit: string; digits?: number } & ({ below: number } | { atLeast: number });

/** A goal is decided when the whole interval lies on one side of it. */
export function judgeClaim(claim: Claim, values: number[]): Goal {
  const found = estimate(values);
  const result = resultOf(claim, found);
  return {
    name: claim.name,
    goal: `${'below' in claim ? `< ${claim.below}` : `≥ ${claim.atLeast}`} ${claim.unit}`,
    got: describe(found, claim.unit, claim.digits),
    met: result === 'met',
    ...(result === 'undecided' && { undecided: true }),
  };
}

/** Whether each of the goals is met or missed, so that more rounds would not change what is said of it. */
export const areDecided = (goals: Goal[]): boolean => goals.every(({ undecided }) => undecided !== true);

/** A median with its interval, such as `94 µs (88 to 101, 24 pairs)`. */
export function describe({ median, low, high, values }: Estimate, unit: string, digits = 0): string {
  return `${median.toFixed(digits)} ${unit} (${low.toFixed(digits)} to ${high.toFixed(digits)}, ${values} pairs)`;
}

function resultOf(claim: Claim, { low, high }: Estimate): 'met' | 'missed' | 'undecided' {
  if ('below' in claim) return high < claim.below ? 'met' : low >= claim.below ? 'missed' : 'undecided';
  return low >= claim.atLeast ? 'met' : high < claim.atLeast ? 'missed' : 'undecided';
}
