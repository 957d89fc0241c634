import { type BoundExplanation, largestParts } from '../../limits/policies/explanation.ts';
import { amountIn, type LimitUnit, leastAmounts } from '../../limits/policies/units.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { withMargin } from './bound.ts';
import { boundParts } from './bound-parts.ts';
import { boundAmounts } from './call-amounts.ts';
import { fittingChanges } from './fitting-changes.ts';

/** Amounts in the unit. */
export interface ExplainOptions {
  /** What the limit counts. */
  unit: LimitUnit;
  atMs: number;
  /** What the limit has left. */
  left: bigint;
  /** Tokens of the prompt as the provider counted them, where it was asked. */
  countedTokens?: number | undefined;
  /** What a learned bound adds for server tools; absent: the bound is sound. */
  tools?: bigint | undefined;
}

/** What makes up the bound of a call that had no room, and which changes of its request would make it fit. */
export function explainBound(shape: RequestShape, options: ExplainOptions): BoundExplanation {
  const { unit, atMs, left, countedTokens, tools } = options;
  const least = (of: RequestShape): bigint => amountIn(unit, leastBound(of, atMs, countedTokens));
  const boundOf = (changed: RequestShape): bigint => {
    if (tools === undefined || changed.serverTools.length === 0) return least(changed);
    return least({ ...changed, serverTools: [] }) + tools;
  };
  const bounded = tools === undefined ? shape : { ...shape, serverTools: [] };
  const isCounted = countedTokens !== undefined && least(bounded) < amountIn(unit, boundAmounts(bounded, atMs));
  const parts = boundParts(bounded, unit, atMs, isCounted ? withMargin(countedTokens) : undefined);
  if (tools !== undefined)
    parts.push({
      member: shape.serverTools.join(', '),
      why: 'Such tools have recently used this much, with a margin.',
      amount: tools,
    });
  return { parts: largestParts(parts, boundOf(shape)), fits: fittingChanges(shape, left, boundOf) };
}

function leastBound(shape: RequestShape, atMs: number, countedTokens: number | undefined) {
  const cheap = boundAmounts(shape, atMs);
  return countedTokens === undefined ? cheap : leastAmounts(cheap, boundAmounts(shape, atMs, countedTokens));
}
