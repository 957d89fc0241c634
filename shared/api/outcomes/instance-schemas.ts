import { z } from 'zod';
import { outcomeSchema, unitsSchema } from '../../events/usage-event.ts';
import { policyTypes } from '../../limits/policies/policy-members.ts';
import { ledgerStates } from '../../outcomes/instances-request.ts';
import { timestamp } from '../answers.ts';
import { kpiTypeSchema } from './kpi-schemas.ts';

const count = z.number().int();

const verdictFigures = z.strictObject({
  passed: z.boolean(),
  overallScore: z.number(),
  accuracyScore: z.number(),
  completenessScore: z.number(),
  sourceQualityScore: z.number(),
  hallucinationDetected: z.boolean(),
  hallucinationSeverity: z.enum(['none', 'minor', 'moderate', 'severe']),
  issues: count,
  unverifiedClaims: count,
  unverifiableSources: count,
  missingElements: count,
});

/** What the judge left of an instance. */
const verdictSchema = z.strictObject({
  status: z.enum(['pending', 'judged', 'skipped', 'failed']),
  reason: z.string().optional(),
  figures: verdictFigures.optional(),
  texts: z.record(z.string(), z.unknown()).optional(),
  judgeModel: z.string().optional(),
  judgeUseCaseId: z.string().optional(),
  updatedAt: timestamp,
});

/** What is kept of an instance apart from its calls. */
export const keptInstanceSchema = verdictSchema.extend({
  useCaseName: z.string(),
  useCaseId: z.string(),
  userId: z.string(),
});

export const instanceSummarySchema = z.strictObject({
  useCaseName: z.string(),
  useCaseId: z.string(),
  version: count.nullable(),
  userId: z.string().nullable(),
  accountName: z.string().nullable(),
  startedAt: timestamp,
  lastCallAt: timestamp,
  requests: count,
  outcomes: z.strictObject({ succeeded: count, failed: count, aborted: count, abandoned: count }),
  models: z.array(z.string()),
  units: z.record(z.string(), z.strictObject({ input: count, output: count })),
  tokens: z.strictObject({ input: count, output: count, cacheRead: count, cacheWrite: count }),
  estimatedUsd: z.number().nullable(),
  unestimated: count,
  payiUsd: z.number(),
  payiPriced: count,
  states: z.array(z.enum(ledgerStates)),
});

const callSchema = z.strictObject({
  eventId: z.string(),
  startedAt: timestamp,
  step: z.string().nullable(),
  userId: z.string().nullable(),
  keyName: z.string().nullable(),
  category: z.string().nullable(),
  model: z.string().nullable(),
  outcome: outcomeSchema,
  httpStatusCode: count.nullable(),
  latencyMs: count.nullable(),
  timeToFirstTokenMs: count.nullable(),
  units: unitsSchema,
  estimatedUsd: z.number().nullable(),
  priceLines: z
    .array(
      z.strictObject({
        unit: z.string(),
        direction: z.enum(['input', 'output']),
        amount: count,
        unitUsd: z.number(),
        usd: z.number(),
      }),
    )
    .nullable(),
  payiUsd: z.number().nullable(),
  payiRequestId: z.string().nullable(),
  state: z.enum(ledgerStates),
});

export const instanceSchema = instanceSummarySchema.extend({
  calls: z.array(callSchema),
  more: z.boolean(),
  steps: z.array(
    z.strictObject({
      step: z.string().nullable(),
      requests: count,
      estimatedUsd: z.number().nullable(),
      payiUsd: z.number(),
      latencyMs: count,
    }),
  ),
  kpis: z.array(
    z.strictObject({
      name: z.string(),
      score: z.union([z.number(), z.boolean()]),
      at: timestamp,
      eventId: z.string(),
      state: z.enum(ledgerStates),
      type: kpiTypeSchema.nullable(),
      description: z.string().nullable(),
      goal: z.number().nullable(),
    }),
  ),
  limits: z.array(z.strictObject({ id: z.string(), policy: z.string(), type: z.enum(policyTypes) })),
  verdict: verdictSchema.nullable(),
});
