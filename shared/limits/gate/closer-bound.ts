import type { BoundExplanation } from '../policies/explanation.ts';
import { smaller, smallerOf } from '../state/limit-math.ts';
import { type CallBound, isLower } from './call-bound.ts';
import type { HoldRequest } from './gate.ts';

/** The bound by the provider's own count of the prompt (L3); undefined without a count and where it is not lower. */
export async function closerBound(
  { exactBoundNanoUsd: exactBound, serverTools }: HoldRequest,
  bound: CallBound,
): Promise<CallBound | undefined> {
  if (!exactBound && !serverTools?.exactCertainNanoUsd) return undefined;
  const exact: CallBound = {
    mostNanoUsd: smaller(bound.mostNanoUsd, (await exactBound?.()) ?? bound.mostNanoUsd),
    certainNanoUsd: smallerOf(bound.certainNanoUsd, await serverTools?.exactCertainNanoUsd?.()),
  };
  return isLower(exact, bound) ? exact : undefined;
}

/**
 * Why a limit wants so much for a call, and what would fit into what is left, in nano-USD. A bound that was learned is less than
 * the most: what is certain, and what was learned of the tools.
 */
export function explainRefusal(
  request: HoldRequest,
  { mostNanoUsd, certainNanoUsd }: CallBound,
  neededNano: bigint,
  leftNano: bigint,
): BoundExplanation {
  const isLearned = certainNanoUsd !== undefined && neededNano < mostNanoUsd;
  const tools = isLearned ? neededNano - certainNanoUsd : undefined;
  return request.explain?.(leftNano, tools) ?? { parts: [], fits: [] };
}
