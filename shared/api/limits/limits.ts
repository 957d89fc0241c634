import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { correctionSchema } from '../../limits/admin/correct-abandoned.ts';
import { policySchema } from '../../limits/policies/policy.ts';
import { policyMembers } from '../../limits/policies/policy-members.ts';
import { createPolicySchema, guideLimitSchema, updatePolicySchema } from '../../limits/policies/policy-requests.ts';
import { countUnits } from '../../limits/policies/units.ts';
import { levels } from '../../limits/state/limit-rows.ts';
import { enveloped, exhaustedAt, timestamp } from '../answers.ts';
import { ifMatch } from '../if-match.ts';

const MAX_POLICY_BYTES = 100_000;
const json = ['application/json'] as const;
/** A policy's name or a limit's id. */
const params = z.object({ id: z.string() });

const described = {
  limitId: z.string(),
  policy: z.string(),
  scope: policySchema.shape.scope,
  window: policySchema.shape.window,
  type: policySchema.shape.type,
  shadow: z.boolean(),
  resetsAt: timestamp.nullable(),
};
const name = z.string().optional();
const seen = {
  whose: z
    .strictObject({ user: name, account: name, key: name, use_case: name, version: name, model: name, property: name })
    .nullable()
    .describe(
      'Whose limit it is, by the parts of its scope; a version as `trail_planner:3`. null for a limit that all calls share, and for one that no call has used since an update.',
    ),
  asOf: timestamp
    .nullable()
    .describe(
      'When a process last wrote what is spent, held and set aside; null before the first call. Each process writes within 1.5 s after a change; the one that answers writes first.',
    ),
  state: z
    .enum(levels)
    .describe(
      '`reached`: nothing is left, or less than a refused call needed. `overrun`: more is spent than the maximum. `exceeded`: the threshold is spent.',
    ),
};
const amounts = {
  spent: z.number().describe('What calls have cost.'),
  held: z.number().describe('What calls in flight hold: the most that they can cost.'),
  setAside: z
    .number()
    .describe(
      'What processes have set aside for calls to come. It is a part of what is left: a call elsewhere gets it within 1.6 s.',
    ),
  left: z
    .number()
    .describe('What calls can still spend now: the maximum without what is spent and held; never below 0.'),
};
const whenRefused = 'The largest call of this period that had no room, and when the first one was refused.';

const trend = z
  .enum(['rising', 'steady', 'falling'])
  .describe('How the rate changes; `steady` where a change cannot be told from chance.');
const rate = z.number().describe('How fast it is spent now.');
const atEnd = z
  .strictObject({ likely: z.number(), from: z.number(), to: z.number() })
  .nullable()
  .describe(
    'What will be spent at the end of the period, with the interval of 80 %; null for a limit without a window.',
  );
const whenForecast = 'null while too few writes are known, and once nothing is left.';

const usdLimit = z.strictObject({
  ...described,
  ...seen,
  unit: z.literal('usd'),
  maxUsd: z.number(),
  thresholdUsd: z.number().nullable(),
  spentUsd: amounts.spent,
  heldUsd: amounts.held,
  setAsideUsd: amounts.setAside,
  leftUsd: amounts.left,
  refused: z.strictObject({ neededUsd: z.number(), at: timestamp }).nullable().describe(whenRefused),
  abandonedUsd: z.number(),
  missedUsd: z.number(),
  payi: z.strictObject({ spentUsd: z.number(), asOf: timestamp.nullable() }),
  forecast: z.strictObject({ trend, exhaustedAt, perHourUsd: rate, atEndUsd: atEnd }).nullable().describe(whenForecast),
});
const countLimit = z.strictObject({
  ...described,
  ...seen,
  unit: z.enum(countUnits),
  max: z.number(),
  threshold: z.number().nullable(),
  ...amounts,
  refused: z.strictObject({ needed: z.number(), at: timestamp }).nullable().describe(whenRefused),
  abandoned: z.number(),
  missed: z.number(),
  payi: z.null(),
  forecast: z.strictObject({ trend, exhaustedAt, perHour: rate, atEnd }).nullable().describe(whenForecast),
});

const sharedLimit = z
  .strictObject({ ...described, state: z.enum(['ok', 'reached']).describe('`reached`: the limit has no room.') })
  .describe('For a user: a limit that other users share, without its figures.');

const policyView = policyMembers
  .pick({
    name: true,
    scope: true,
    window: true,
    type: true,
    shadow: true,
    enabled: true,
    unit: true,
    maxUsd: true,
    max: true,
  })
  .extend({ limits: z.number().describe('How many limits it has in the current period: 0 before the first call.') });

const limitView = z.union([usdLimit, countLimit]);

const figures = z.union([
  z.strictObject({ unit: z.literal('usd'), spentUsd: z.number(), abandonedUsd: z.number() }),
  z.strictObject({ unit: z.enum(countUnits), spent: z.number(), abandoned: z.number() }),
]);
const details = {
  requests: z.record(z.string(), z.number()).describe("Pay-i's counts of requests by state."),
  /** Only for admins. */
  changes: z
    .array(
      z.strictObject({
        what: z.enum(['reset', 'corrected']),
        changedBy: z.string(),
        changedAt: timestamp,
        from: figures,
        to: figures,
      }),
    )
    .optional(),
};
const limitDetails = z.union([usdLimit.extend(details), countLimit.extend(details)]);

export const listLimitsRoute = defineRoute({
  method: 'GET',
  path: '/api/limits',
  function: 'list-limits',
  access: 'user',
  dialect: 'envelope',
  summary: 'The limits of the caller; all limits for an admin, in pages with `limit`',
  query: z.object({
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe('For an admin: how many at once. Only limits that were used are in pages.'),
    after: z.string().max(2_000).optional().describe('The `next` of the page before.'),
  }),
  answers: {
    200: enveloped(
      z.strictObject({
        limits: z.array(z.union([limitView, sharedLimit])),
        policies: z.array(policyView).optional().describe('Only for an admin, and not in pages.'),
        next: z.string().nullable().optional().describe('Only in pages: `after` of the next one; null at the end.'),
      }),
    ),
  },
});

export const createLimitRoute = defineRoute({
  method: 'POST',
  path: '/api/limits',
  function: 'create-limit',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Creates a policy',
  body: { types: json, schema: createPolicySchema, maxBytes: MAX_POLICY_BYTES },
  answers: { 201: enveloped(policySchema) },
  failures: [409],
});

export const createGuideLimitRoute = defineRoute({
  method: 'POST',
  path: '/api/v1/limits',
  function: 'create-guide-limit',
  access: 'admin',
  dialect: 'envelope',
  summary: "Creates a policy from the body of Pay-i's integration guide, whose threshold is an amount",
  body: { types: json, schema: guideLimitSchema, maxBytes: MAX_POLICY_BYTES },
  answers: { 201: enveloped(policySchema) },
  failures: [409],
});

export const getLimitRoute = defineRoute({
  method: 'GET',
  path: '/api/limits/{id}',
  function: 'get-limit',
  access: 'user',
  dialect: 'envelope',
  summary: 'One limit; for an admin with the changes that admins made',
  params,
  answers: { 200: enveloped(z.union([limitDetails, sharedLimit])) },
});

export const updateLimitRoute = defineRoute({
  method: 'PUT',
  path: '/api/limits/{id}',
  function: 'update-limit',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Changes a policy',
  params,
  headers: ifMatch,
  body: { types: json, schema: updatePolicySchema, maxBytes: MAX_POLICY_BYTES },
  answers: { 200: enveloped(policySchema) },
  failures: [409, 412, 428],
});

export const deleteLimitRoute = defineRoute({
  method: 'DELETE',
  path: '/api/limits/{id}',
  function: 'delete-limit',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Deletes a policy; what its limits have counted stays, here and at Pay-i',
  params,
  headers: ifMatch,
  answers: { 200: enveloped(z.strictObject({ deleted: z.string() })) },
  failures: [409, 412, 428],
});

export const resetLimitRoute = defineRoute({
  method: 'POST',
  path: '/api/limits/{id}/reset',
  function: 'reset-limit',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Sets a limit without a window to 0; with an idempotency-key a repetition after success does nothing',
  params,
  headers: z.object({ 'idempotency-key': z.string().optional() }),
  answers: { 200: enveloped(limitView) },
  failures: [409, 502, 503],
});

export const correctLimitRoute = defineRoute({
  method: 'POST',
  path: '/api/limits/{id}/correct',
  function: 'correct-limit',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Takes back what was booked for calls whose process died, once it is known what they cost',
  params,
  body: { types: json, schema: correctionSchema, maxBytes: 1_000 },
  answers: { 200: enveloped(limitView) },
  failures: [409],
});
