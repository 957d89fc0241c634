import { expandPolicies, parseLimitId } from '../../../shared/limits/policies/limit-id.ts';
import type { Policy } from '../../../shared/limits/policies/policy.ts';

export interface LimitName {
  policy: string;
  /** Whose calls count: a user of the demo, or everyone's. */
  whom: string;
  /** Such as `2026-11-28`, `2026-11` or `always`, UTC. */
  period: string;
}

/** What a limit id stands for: users are in it as hashes. */
export function nameLimit(limitId: string, policies: readonly Policy[], users: readonly string[]): LimitName {
  const parts = parseLimitId(limitId);
  if (!parts) return { policy: limitId, whom: '', period: '' };
  const { policyName: policy, period, key } = parts;
  const occurredAtMs = period === 'always' ? 0 : Date.parse(period);
  const isOf = (userId: string) =>
    expandPolicies(policies, { useCaseName: '', userId, occurredAtMs }).some((limit) => limit.limitId === limitId);
  return { policy, whom: key === undefined ? 'everyone' : (users.find(isOf) ?? key), period };
}
