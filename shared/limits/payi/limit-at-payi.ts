import type { CreateLimit } from '../../payi/limits.ts';
import type { Policy } from '../policies/policy.ts';

/** Every limit is made as `allow`, since Pay-i refuses events that count against block limits; ours are enforced here. */
export const countingLimit = (limitId: string) => ({
  limit_id: limitId,
  limit_name: limitId,
  limit_type: 'allow' as const,
});

/** A limit of a policy as Pay-i gets it: in USD, see `mayBeAtPayi`. */
export function limitAtPayi(limitId: string, policy: Policy, period: string): CreateLimit {
  const { name, maxUsd = 0, threshold, type, scope, window, shadow } = policy;
  const properties = { policy: name, enforced_type: type, scope, window, shadow: String(shadow), period };
  return { ...countingLimit(limitId), max: maxUsd, ...(threshold !== undefined && { threshold }), properties };
}
