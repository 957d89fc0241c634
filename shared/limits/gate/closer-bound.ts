import type { BoundExplanation } from '../policies/explanation.ts';
import type { Policy } from '../policies/policy.ts';
import { amountIn } from '../policies/units.ts';
import { type CallBound, isLower, lowerBound } from './call-bound.ts';
import type { HoldRequest } from './gate.ts';

/** The bound by the provider's own count of the prompt (L3); undefined without a count and where it is not lower. */
export async function closerBound(
  { exactBound, serverTools }: HoldRequest,
  bound: CallBound,
): Promise<CallBound | undefined> {
  if (!exactBound && !serverTools?.exactCertain) return undefined;
  const most = await exactBound?.();
  const certain = await serverTools?.exactCertain?.();
  const exact = lowerBound(bound, { ...(most && { most }), certain });
  return isLower(exact, bound) ? exact : undefined;
}

/**
 * Why a limit wants so much for a call, and what would fit into what is left, in its unit. A bound that was learned is less than
 * the most: what is certain, and what was learned of the tools.
 */
export function explainRefusal(
  request: HoldRequest,
  { most, certain }: CallBound,
  { unit }: Pick<Policy, 'unit'>,
  neededNano: bigint,
  leftNano: bigint,
): BoundExplanation {
  const isLearned = certain !== undefined && neededNano < amountIn(unit, most);
  const tools = isLearned ? neededNano - amountIn(unit, certain) : undefined;
  return request.explain?.(unit, leftNano, tools) ?? { parts: [], fits: [] };
}
