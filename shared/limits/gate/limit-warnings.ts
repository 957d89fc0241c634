import { isShared } from '../policies/policy.ts';
import type { LimitWarning } from './gate.ts';
import type { Take } from './take-limits.ts';

/** True where a limit in shadow would have had no room for the call that has just passed it, as far as this process knows. */
export const lacksRoom = ({ limit: { policy }, account }: Take): boolean =>
  policy.type !== 'allow' && policy.shadow && account.leftNano < 0n;

/**
 * The warning about a limit that the caller of an admitted call gets (L4), as far as this process knows; undefined: nothing.
 * `fits`: whether a cheaper form of the call would have fitted into a room.
 */
export function warningOf(take: Take, fits: (take: Take, roomNano: bigint) => boolean): LimitWarning | undefined {
  const { limit, account, amount } = take;
  const { limitId, policy } = limit;
  const facts = {
    limitId,
    isShared: isShared(policy),
    unit: policy.unit,
    max: account.maxNano,
    spent: account.spentNano,
  };
  if (lacksRoom(take)) {
    if (policy.type === 'ask') return { ...facts, state: 'would_ask' };
    const fallsBack = policy.type === 'fall_back' && fits(take, account.leftNano + amount);
    return { ...facts, state: fallsBack ? 'would_fall_back' : 'would_block' };
  }
  if (facts.spent > facts.max) return { ...facts, state: 'overrun' };
  if (facts.spent < account.warnNano) return undefined;
  const exhaustedMs = account.foresight?.exhaustedMs;
  return { ...facts, state: 'exceeded', ...(exhaustedMs && exhaustedMs.from !== null && { exhaustedMs }) };
}
