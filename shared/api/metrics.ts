import { z } from 'zod';
import { timestamp } from './answers.ts';

/** What a request took: tokens, searches, calls, cost and the limits that are near or past. */
export const metricsSchema = z.strictObject({
  model: z.string(),
  requestedModel: z.string(),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  webSearches: z.number().int(),
  modelCalls: z.number().int(),
  /** USD by our price book; null when a model has no price there. */
  cost: z.number().nullable(),
  /** Pay-i prices the usage later and has the last word. */
  estimated: z.literal(true),
  /** ms */
  latency: z.number(),
  timestamp,
  use_case_id: z.string(),
  limits: z.array(z.strictObject({ limitId: z.string(), state: z.string(), maxUsd: z.number(), spentUsd: z.number() })),
});
