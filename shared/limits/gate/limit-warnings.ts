import type { LimitWarning } from './gate.ts';
import type { Take } from './take-limits.ts';

/** The warning about a limit that the caller of an admitted call gets (L4), as far as this process knows; undefined: nothing. */
export function warningOf({ limit: { limitId, policy }, account }: Take): LimitWarning | undefined {
  const facts = { limitId, maxNanoUsd: account.maxNano, spentNanoUsd: account.spentNano };
  if (policy.type === 'block' && policy.shadow && account.leftNano < 0n) return { ...facts, state: 'would_block' };
  if (facts.spentNanoUsd > facts.maxNanoUsd) return { ...facts, state: 'overrun' };
  return facts.spentNanoUsd >= account.warnNano ? { ...facts, state: 'exceeded' } : undefined;
}
