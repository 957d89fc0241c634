import { type BoundExplanation, largestParts } from '../../limits/policies/explanation.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { cheapBound, exactBound, withMargin } from './bound.ts';
import { boundParts } from './bound-parts.ts';
import { fittingChanges } from './fitting-changes.ts';

export interface ExplainOptions {
  atMs: number;
  /** What the limit has left, in nano-USD. */
  leftNanoUsd: bigint;
  /** Tokens of the prompt as the provider counted them, where it was asked. */
  countedTokens?: number | undefined;
  /** What a learned bound adds for server tools, in nano-USD; absent: the bound is sound. */
  toolsNanoUsd?: bigint | undefined;
}

/** What makes up the bound of a call that had no room, and which changes of its request would make it fit. */
export function explainBound(shape: RequestShape, options: ExplainOptions): BoundExplanation {
  const { atMs, leftNanoUsd, countedTokens, toolsNanoUsd } = options;
  const boundOf = (changed: RequestShape): bigint => {
    if (toolsNanoUsd === undefined || changed.serverTools.length === 0) return leastBound(changed, atMs, countedTokens);
    const alone = { ...changed, serverTools: [] };
    return leastBound(alone, atMs, countedTokens) + toolsNanoUsd;
  };
  const bounded = toolsNanoUsd === undefined ? shape : { ...shape, serverTools: [] };
  const isCounted = countedTokens !== undefined && exactBound(bounded, atMs, countedTokens) < cheapBound(bounded, atMs);
  const parts = boundParts(bounded, atMs, isCounted ? withMargin(countedTokens) : undefined);
  if (toolsNanoUsd !== undefined)
    parts.push({
      member: shape.serverTools.join(', '),
      why: 'Such tools have recently cost this much, with a margin.',
      nanoUsd: toolsNanoUsd,
    });
  return { parts: largestParts(parts, boundOf(shape)), fits: fittingChanges(shape, leftNanoUsd, boundOf) };
}

function leastBound(shape: RequestShape, atMs: number, countedTokens: number | undefined): bigint {
  const cheap = cheapBound(shape, atMs);
  const exact = countedTokens === undefined ? cheap : exactBound(shape, atMs, countedTokens);
  return exact < cheap ? exact : cheap;
}
