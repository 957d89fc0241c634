import { z } from 'zod';
import { countUnits } from '../limits/policies/units.ts';
import { exhaustedAt, timestamp } from './answers.ts';

const warned = { limitId: z.string(), state: z.string(), exhaustedAt: exhaustedAt.optional() };

/** A cheaper form of a call: see `Fallback`. */
export const fallbackSchema = z.strictObject({
  policy: z.string(),
  askedModel: z.string(),
  model: z.string(),
  maxTokens: z.number().int().optional(),
  effort: z.string().optional(),
});

/** What a request took: tokens, searches, calls, cost and the limits that are near or past. */
export const metricsSchema = z.strictObject({
  model: z.string(),
  requestedModel: z.string(),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  webSearches: z.number().int(),
  modelCalls: z.number().int(),
  cost: z.number().nullable().describe('USD by our price book; null when a model has no price there.'),
  estimated: z.literal(true).describe('Pay-i prices the usage later and has the last word.'),
  latency: z.number().describe('ms'),
  timestamp,
  use_case_id: z.string(),
  fallback: fallbackSchema
    .optional()
    .describe(
      'Where a call was made in a cheaper form, since a limit of the policy had no room for it as it was asked.',
    ),
  limits: z.array(
    z.union([
      z.strictObject({ ...warned, unit: z.literal('usd'), maxUsd: z.number(), spentUsd: z.number() }),
      z.strictObject({ ...warned, unit: z.enum(countUnits), max: z.number(), spent: z.number() }),
      z
        .strictObject({ limitId: z.string(), state: z.string() })
        .describe('A limit that other users share, unless an admin asks.'),
    ]),
  ),
});
