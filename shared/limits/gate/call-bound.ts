import type { Policy } from '../policies/policy.ts';
import { larger, smaller } from '../state/limit-math.ts';
import type { HoldRequest } from './gate.ts';
import type { LearnedStore } from './learned-store.ts';

/** What a call can cost, by its request's bytes or as the provider counted it. Money in nano-USD. */
export interface CallBound {
  /** Nothing can exceed it. */
  mostNanoUsd: bigint;
  /** The part of it that server tools don't add; undefined for a call without any. */
  certainNanoUsd: bigint | undefined;
}

/** What a limit of this policy holds for a call, in nano-USD. */
export function amountFor(
  policy: Policy,
  { serverTools }: HoldRequest,
  bound: CallBound,
  learned: Pick<LearnedStore, 'boundNano'>,
): bigint {
  const { mostNanoUsd, certainNanoUsd } = bound;
  if (!serverTools || certainNanoUsd === undefined || !mayLearn(policy, serverTools.isStream)) return mostNanoUsd;
  const tools = larger(serverTools.turnNanoUsd, learned.boundNano(policy.name, serverTools.kind));
  return smaller(mostNanoUsd, certainNanoUsd + tools);
}

/** The cost of a call that does not stream is seen at its end only, when nothing can hold it up any more. */
const mayLearn = ({ bound }: Policy, isStream: boolean): boolean =>
  bound === 'learned_unstreamed' || (bound === 'learned' && isStream);

export const isLower = (one: CallBound, other: CallBound): boolean =>
  one.mostNanoUsd < other.mostNanoUsd || (one.certainNanoUsd ?? 0n) < (other.certainNanoUsd ?? 0n);
