/** A part of what a call can use at most. */
export interface BoundPart {
  /** The member of the request that causes it, such as `max_tokens` or `messages.content.source`. */
  member: string;
  /** A sentence for people; without any text of the request. */
  why: string;
  /** In the unit of the limit: nano-USD, or pieces. */
  amount: bigint;
}

/** One change of the request after which it would fit. */
export interface FittingChange {
  member: string;
  change: 'leave_out' | 'at_most';
  /** Only for `at_most`. */
  value?: number;
}

/** What bounds a call, and what would make it fit. */
export interface BoundExplanation {
  /** The largest first. */
  parts: BoundPart[];
  /** Each of them is enough by itself; empty where no single change is. */
  fits: FittingChange[];
}

/** So many parts are reported. */
const MOST_PARTS = 3;
/** Less than this share of the whole is not worth a word. */
const LEAST_SHARE = 100n;

/** The parts that matter of a bound, which is in their unit. */
export function largestParts(parts: readonly BoundPart[], bound: bigint): BoundPart[] {
  return [...parts]
    .filter(({ amount }) => amount > 0n && amount * LEAST_SHARE >= bound)
    .sort((a, b) => (a.amount > b.amount ? -1 : 1))
    .slice(0, MOST_PARTS);
}

/** `with max_tokens of at most 800, or without container`; empty where nothing fits. */
export const describeFits = (fits: readonly FittingChange[]): string =>
  fits
    .map(({ member, change, value }) =>
      change === 'at_most' ? `with ${member} of at most ${value ?? 0}` : `without ${member}`,
    )
    .join(', or ');
