import type { RowKey } from '../../../tables/table.ts';
import { type Policy, policySchema } from '../policy.ts';

/** Rows of the table `limitpolicies`: what admins changed, and the trail of it, in one partition. */
export interface PolicyRow extends RowKey {
  /** The policy as JSON; '' where it was deleted. In the trail: after the change. */
  policy: string;
  /** Only in the trail. */
  name?: string;
  before?: string;
  changedBy?: string;
  changedAt?: Date;
}

/** The one partition, so that a change and its trail are one transaction. */
export const POLICIES = 'policies';

export const encodePolicy = (policy: Policy | undefined): string => (policy ? JSON.stringify(policy) : '');

export const decodePolicy = (policy: string): Policy | undefined =>
  policy === '' ? undefined : policySchema.parse(JSON.parse(policy));
