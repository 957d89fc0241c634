import type { Policy } from '../policies/policy.ts';
import { amountIn, type CallAmounts, isAnyLess, leastAmounts, noAmounts } from '../policies/units.ts';
import { larger, smaller } from '../state/limit-math.ts';
import type { HoldRequest } from './gate.ts';
import type { LearnedStore } from './learned-store.ts';

/** What a call can use, by its request's bytes or as the provider counted it. */
export interface CallBound {
  /** Nothing can exceed it. */
  most: CallAmounts;
  /** The part of it that server tools don't add; undefined for a call without any. */
  certain: CallAmounts | undefined;
}

/** What a limit of this policy holds for a call, in its unit. */
export function amountFor(
  policy: Policy,
  { serverTools }: HoldRequest,
  { most, certain }: CallBound,
  learned: Pick<LearnedStore, 'boundOf'>,
): bigint {
  const { unit } = policy;
  if (!serverTools || certain === undefined || !mayLearn(policy, serverTools.isStream)) return amountIn(unit, most);
  const tools = larger(amountIn(unit, serverTools.turn), learned.boundOf(policy, serverTools.kind));
  return smaller(amountIn(unit, most), amountIn(unit, certain) + tools);
}

/** True where bounds of the policy are learned: server tools add input and its price, and the request alone bounds everything else. */
export const learns = ({ bound, unit }: Policy): boolean =>
  bound !== 'sound' && (unit === 'usd' || unit === 'tokens' || unit === 'input_tokens');

/** The cost of a call that does not stream is seen at its end only, when nothing can hold it up any more. */
const mayLearn = (policy: Policy, isStream: boolean): boolean =>
  learns(policy) && (policy.bound === 'learned_unstreamed' || isStream);

/** The least that both bounds say, each amount by itself. */
export function lowerBound(one: CallBound, other: Partial<CallBound>): CallBound {
  const { most, certain } = other;
  return {
    most: most ? leastAmounts(one.most, most) : one.most,
    certain: one.certain && certain ? leastAmounts(one.certain, certain) : (one.certain ?? certain),
  };
}

export const isLower = (one: CallBound, other: CallBound): boolean =>
  isAnyLess(one.most, other.most) || isAnyLess(one.certain ?? noAmounts, other.certain ?? noAmounts);
