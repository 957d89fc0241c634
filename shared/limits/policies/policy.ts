import type { z } from 'zod';
import { declaredPolicies } from '../../use-cases/use-cases.ts';
import { checkPolicy, mayBeAtPayi } from './check-policy.ts';
import { policyMembers } from './policy-members.ts';
import { partsOf } from './scope-keys.ts';
import { fromFigure } from './units.ts';

export type Policy = z.infer<typeof policyMembers>;

/** A budget rule. It expands to one limit id per scope key and period, e.g. `daily-budget:2026-11-23`. */
export const policySchema = policyMembers.superRefine(checkPolicy);

/**
 * True where the policy's limits exist at Pay-i. Pay-i knows a user's spend by `user_id` anyway; a limit for each user (or value of a
 * property) and day would cost requests that grow with their number.
 */
export const existsAtPayi = (policy: Pick<Policy, 'atPayi' | 'scope' | 'window' | 'unit'>): boolean =>
  policy.atPayi ??
  (mayBeAtPayi(policy) && !partsOf(policy.scope).some((part) => part === 'user' || part === 'property'));

/** The maximum of a policy in its unit. */
export const maximumOf = ({ unit, maxUsd = 0, max = 0 }: Pick<Policy, 'unit' | 'maxUsd' | 'max'>): bigint =>
  fromFigure(unit, unit === 'usd' ? maxUsd : max);

/** True for limits that calls of several users count against: a user does not see their figures. */
export const isShared = ({ scope }: Pick<Policy, 'scope'>): boolean =>
  !partsOf(scope).some((part) => part === 'user' || part === 'key');

/** The policies while no setting has others. */
export const defaultPolicies: Policy[] = declaredPolicies.map((policy) => policySchema.parse(policy));
