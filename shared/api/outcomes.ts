import { z } from 'zod';
import { defineRoute } from '../http/route.ts';
import { scoresSchema } from '../instances/record-scores.ts';
import { enveloped, timestamp } from './answers.ts';

export const recordKpisRoute = defineRoute({
  method: 'POST',
  path: '/api/kpis',
  function: 'record-kpis',
  access: 'user',
  dialect: 'envelope',
  summary: 'Takes scores of an instance that are known later; 202: they are on their way',
  body: { types: ['application/json'], schema: scoresSchema, maxBytes: 50_000 },
  answers: { 202: enveloped(z.strictObject({ eventId: z.uuid() })) },
  failures: [404, 503],
});

const verdictFigures = z.strictObject({
  passed: z.boolean(),
  overallScore: z.number(),
  accuracyScore: z.number(),
  completenessScore: z.number(),
  sourceQualityScore: z.number(),
  hallucinationDetected: z.boolean(),
  hallucinationSeverity: z.enum(['none', 'minor', 'moderate', 'severe']),
  issues: z.number().int(),
  unverifiedClaims: z.number().int(),
  unverifiableSources: z.number().int(),
  missingElements: z.number().int(),
});

const instanceSchema = z.strictObject({
  useCaseName: z.string(),
  useCaseId: z.string(),
  userId: z.string(),
  status: z.enum(['pending', 'judged', 'skipped', 'failed']),
  reason: z.string().optional(),
  figures: verdictFigures.optional(),
  texts: z.record(z.string(), z.unknown()).optional(),
  judgeModel: z.string().optional(),
  judgeUseCaseId: z.string().optional(),
  updatedAt: timestamp,
});

export const getInstanceRoute = defineRoute({
  method: 'GET',
  path: '/api/use-cases/{name}/instances/{id}',
  function: 'get-instance',
  access: 'user',
  dialect: 'envelope',
  summary: 'One instance of a use case, and what the judge found',
  params: z.object({ name: z.string(), id: z.string() }),
  answers: {
    200: enveloped(instanceSchema),
  },
});
