import { z } from 'zod';
import { type Policy, policySchema } from './policy.ts';
import { PolicyError } from './policy-book.ts';
import { alertShares, bounds } from './policy-members.ts';

/** A policy as an admin creates it. */
export const createPolicySchema = policySchema;

const MAX_POLICIES = 200;

/** All policies that there are to be. */
export const policyListSchema = z.strictObject({
  policies: z
    .array(createPolicySchema)
    .max(MAX_POLICIES)
    .refine((policies) => new Set(policies.map(({ name }) => name)).size === policies.length, {
      message: 'must not have two policies of one name',
    }),
});

/** Which change is to be taken back: the last one of the policy, by its id. */
export const undoSchema = z.strictObject({ change: z.string().min(1).max(100) });

/**
 * What an admin may change of a policy; its name, scope, property and unit stay, since its limits are counted by them. null takes away what a
 * policy can be without.
 */
export const updatePolicySchema = z.strictObject({
  maxUsd: policySchema.shape.maxUsd,
  max: policySchema.shape.max,
  maxima: policySchema.shape.maxima.nullable(),
  threshold: z.number().min(0.75).max(0.99).nullable().optional(),
  alerts: alertShares.nullable().optional(),
  type: policySchema.shape.type.optional(),
  useCases: z.array(z.string().min(1)).nullable().optional(),
  models: policySchema.shape.models.nullable(),
  window: policySchema.shape.window.optional(),
  zone: policySchema.shape.zone.nullable(),
  start: policySchema.shape.start.nullable(),
  days: policySchema.shape.days.nullable(),
  whenUnreadable: z.enum(['open', 'closed']).optional(),
  enabled: z.boolean().optional(),
  shadow: z.boolean().optional(),
  bound: z.enum(bounds).optional(),
  atPayi: z.boolean().optional(),
});
export type PolicyUpdate = z.infer<typeof updatePolicySchema>;

/** @throws PolicyError 400 when members of the changed policy do not go together */
export function updated(policy: Policy, change: PolicyUpdate): Policy {
  const named = Object.entries(change).filter(([, value]) => value !== undefined);
  const after = Object.entries({ ...policy, ...Object.fromEntries(named) }).filter(([, value]) => value !== null);
  return policyOf(Object.fromEntries(after), 'changed so');
}

/** @throws PolicyError 400 with the reasons */
function policyOf(members: object, done: string): Policy {
  const decoded = policySchema.safeParse(members);
  if (decoded.success) return decoded.data;
  const reasons = decoded.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new PolicyError('invalid_limit', `This limit can't be ${done}. ${reasons.join('; ')}`, { status: 400 });
}

/** The body of `POST /api/v1/limits` as Pay-i's integration guide writes it: the threshold is an amount of USD there. */
export const guideLimitSchema = z.looseObject({
  limit_name: z.string().min(1).max(100),
  limit_id: z.string().min(1).max(100).optional(),
  limit_type: z.enum(['block', 'allow']).default('block'),
  max: z.number().positive(),
  threshold: z.number().positive().optional(),
  properties: z
    .looseObject({
      scope: policySchema.shape.scope.optional(),
      reset_period: z.enum(['daily', 'monthly', 'none']).optional(),
    })
    .optional(),
});

const windows = { daily: 'day', monthly: 'month', none: 'none' } as const;

/** @throws PolicyError 400 when it can't be said as a policy, with the reason */
export function policyOfGuide(limit: z.infer<typeof guideLimitSchema>): Policy {
  const name = (limit.limit_id ?? limit.limit_name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 41);
  const threshold = limit.threshold === undefined ? undefined : shareOf(limit.threshold, limit.max);
  const members = {
    name,
    scope: limit.properties?.scope ?? 'global',
    window: windows[limit.properties?.reset_period ?? 'none'],
    maxUsd: limit.max,
    type: limit.limit_type,
    ...(threshold !== undefined && { threshold }),
  };
  return policyOf(members, 'made');
}

/** A threshold in USD as a share of the maximum; a number from 0.75 to 0.99 is a share already. */
function shareOf(threshold: number, max: number): number {
  if (threshold >= 0.75 && threshold <= 0.99) return threshold;
  const share = Math.round((threshold / max) * 10_000) / 10_000;
  if (share >= 0.75 && share <= 0.99) return share;
  throw new PolicyError(
    'invalid_threshold',
    `A threshold of ${threshold} USD is ${share} of the maximum of ${max} USD. It must be from 0.75 to 0.99 of it: ` +
      `${round(0.75 * max)} to ${round(0.99 * max)} USD.`,
    { status: 400, details: { threshold, max, share } },
  );
}

const round = (usd: number): number => Math.round(usd * 100) / 100;
