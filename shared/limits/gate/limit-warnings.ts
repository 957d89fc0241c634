import type { LimitWarning } from './gate.ts';
import type { Take } from './take-limits.ts';

/** The warning about a limit that the caller of an admitted call gets (L4), as far as this process knows; undefined: nothing. */
export function warningOf({ limit: { limitId, policy }, account }: Take): LimitWarning | undefined {
  const facts = { limitId, unit: policy.unit, max: account.maxNano, spent: account.spentNano };
  if (policy.type === 'block' && policy.shadow && account.leftNano < 0n) return { ...facts, state: 'would_block' };
  if (facts.spent > facts.max) return { ...facts, state: 'overrun' };
  if (facts.spent < account.warnNano) return undefined;
  const exhaustedMs = account.foresight?.exhaustedMs;
  return { ...facts, state: 'exceeded', ...(exhaustedMs && exhaustedMs.from !== null && { exhaustedMs }) };
}
