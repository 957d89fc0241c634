import { UnboundedRequestError } from '../policies/errors.ts';
import type { AppliedLimit } from '../policies/limit-id.ts';
import { enforces } from '../state/limit-math.ts';
import type { HoldRequest } from './gate.ts';

/**
 * A request that nothing bounds passes only limits that refuse nothing, and those whose policy takes learned bounds: they hold
 * the price of the context window for it.
 * @returns what the request is refused with: it names the member and the first other limit
 */
export function refuseUnbounded(
  { unboundedBy }: HoldRequest,
  limits: readonly AppliedLimit[],
): UnboundedRequestError | undefined {
  if (unboundedBy === undefined) return undefined;
  const limit = limits.find(({ policy }) => enforces(policy) && policy.bound === 'sound');
  return limit && new UnboundedRequestError(unboundedBy, limit);
}
