import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { policySchema } from '../../limits/policies/policy.ts';
import { policyListSchema, undoSchema } from '../../limits/policies/policy-requests.ts';
import { enveloped, timestamp } from '../answers.ts';
import { ifMatch } from '../if-match.ts';

const json = ['application/json'] as const;
const MAX_BYTES = 500_000;
const params = z.object({ name: z.string() });
const etag = z.string().describe('For `if-match`.');

const policyChange = z.strictObject({
  id: z.string(),
  name: z.string(),
  changedBy: z.string(),
  changedAt: timestamp,
  from: policySchema.nullable(),
  to: policySchema.nullable(),
});
const plan = z.strictObject({
  changes: z.array(
    z.strictObject({
      name: z.string(),
      change: z.enum(['create', 'update', 'delete']),
      before: policySchema.nullable(),
      after: policySchema.nullable(),
    }),
  ),
  etag: etag.describe('Of all policies: before a plan is applied, and after it. For `if-match`.'),
});

export const listPoliciesRoute = defineRoute({
  method: 'GET',
  path: '/api/limit-policies',
  function: 'list-limit-policies',
  access: 'admin',
  dialect: 'envelope',
  summary: 'The policies behind the limits, and who changed them when',
  answers: {
    200: enveloped(
      z.strictObject({
        policies: z.array(policySchema),
        etag: etag.describe('Of all policies.'),
        etags: z.record(z.string(), etag).describe('Of each policy, by its name.'),
        changes: z.array(policyChange).describe('The latest 100, the latest first.'),
      }),
    ),
  },
});

export const applyPoliciesRoute = defineRoute({
  method: 'PUT',
  path: '/api/limit-policies',
  function: 'apply-limit-policies',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Makes the policies those of the body, all at once; others are deleted',
  headers: ifMatch,
  body: { types: json, schema: policyListSchema, maxBytes: MAX_BYTES },
  answers: { 200: enveloped(plan) },
  failures: [409, 412, 428],
});

export const planPoliciesRoute = defineRoute({
  method: 'POST',
  path: '/api/limit-policies/plan',
  function: 'plan-limit-policies',
  access: 'admin',
  dialect: 'envelope',
  summary: 'What a PUT of the same body would change; changes nothing',
  body: { types: json, schema: policyListSchema, maxBytes: MAX_BYTES },
  answers: { 200: enveloped(plan) },
});

export const getPolicyRoute = defineRoute({
  method: 'GET',
  path: '/api/limit-policies/{name}',
  function: 'get-limit-policy',
  access: 'admin',
  dialect: 'envelope',
  summary: 'One policy and its history, after its deletion too',
  params,
  answers: {
    200: enveloped(
      z.strictObject({
        policy: policySchema.nullable().describe('null once it is deleted.'),
        etag: etag.nullable(),
        changes: z.array(policyChange).describe('The latest 100, the latest first.'),
      }),
    ),
  },
});

export const undoPolicyChangeRoute = defineRoute({
  method: 'POST',
  path: '/api/limit-policies/{name}/undo',
  function: 'undo-limit-policy',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Takes back the last change of a policy, a deletion too',
  params,
  body: { types: json, schema: undoSchema, maxBytes: 1_000 },
  answers: {
    200: enveloped(
      z.strictObject({
        policy: policySchema.nullable().describe('null where the change had created it.'),
        etag: etag.nullable(),
      }),
    ),
  },
  failures: [409],
});

export const resetPolicyRoute = defineRoute({
  method: 'POST',
  path: '/api/limit-policies/{name}/reset',
  function: 'reset-limit-policy',
  access: 'admin',
  dialect: 'envelope',
  summary:
    'Sets all limits of a policy without a window to 0; with an idempotency-key a repetition goes on where the first ended',
  params,
  headers: z.object({ 'idempotency-key': z.string().optional() }),
  answers: {
    200: enveloped(
      z.strictObject({
        policy: z.string(),
        reset: z.number().int(),
        left: z.number().int().describe('Limits for which the time did not suffice. Send the request again.'),
      }),
    ),
  },
  failures: [409, 502, 503],
});
