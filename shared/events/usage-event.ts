import { z } from 'zod';
import { idText } from '../util/id-text.ts';

/**
 * The messages of the queue `usage-events`. There is no field for a prompt or an answer, so none can leave in one.
 * Money is an integer in nano-USD (1 USD = 1,000,000,000), times are ISO 8601 in UTC, latencies are milliseconds.
 */

const count = z.number().int().min(0).max(2_147_483_647);

/** Unit name (Pay-i's vocabulary, e.g. `text_cache_read`) to the amounts in and out. Tokens, or searches. */
export const unitsSchema = z.record(
  z.string().min(1),
  z.strictObject({ input: count.optional(), output: count.optional() }),
);
export type Units = z.infer<typeof unitsSchema>;

/** Pay-i takes strings only. */
export const propertiesSchema = z.record(z.string().min(1), z.string());
export type Properties = z.infer<typeof propertiesSchema>;

/** Pay-i's longest name, in characters. */
export const MAX_NAME = 64;

/** Which instance of which use case; `id` is its id (Pay-i's `use_case_id`). */
export const useCaseRefSchema = z.strictObject({
  name: idText(MAX_NAME),
  id: idText(),
  version: z.number().int().min(1).optional(),
  step: idText().optional(),
});
export type UseCaseRef = z.infer<typeof useCaseRefSchema>;

/** Booleans go to Pay-i as they are. */
export const kpiScoreSchema = z.strictObject({ name: idText(), score: z.union([z.number(), z.boolean()]) });
export type KpiScore = z.infer<typeof kpiScoreSchema>;

/** How a model call ended. `abandoned`: its process died; the cost is that of its hold until corrected (L2). */
export const outcomeSchema = z.enum(['succeeded', 'failed', 'aborted', 'abandoned']);
export type Outcome = z.infer<typeof outcomeSchema>;

const common = {
  schemaVersion: z.literal(1),
  /** UUID of version 7; also the message id. */
  eventId: z.uuid(),
  occurredAt: z.iso.datetime(),
};

/** One HTTP attempt at a model provider. */
export const usageEventSchema = z.strictObject({
  ...common,
  kind: z.literal('usage'),
  /** Pay-i category, e.g. `system.anthropic`. */
  category: idText(),
  /** The model that really answered, else the one that was asked. */
  resource: z.string().min(1),
  requestedResource: z.string().min(1),
  units: unitsSchema,
  /** True where units were worked out by us because the provider's totals never came. */
  unitsEstimated: z.boolean(),
  endToEndLatencyMs: count,
  timeToFirstTokenMs: count.optional(),
  /** The provider's status; 299 where there was none (as Pay-i's own SDK has it). */
  httpStatusCode: z.number().int().min(100).max(599),
  outcome: outcomeSchema,
  /** 1 for the first attempt of a call, 2 for the SDK's first repeat, … */
  attempt: z.number().int().min(1),
  providerUri: z.string().min(1),
  /** Key of the exactly-once effect (D3). Where the provider gave none: `trailmeter-<eventId>`. */
  providerResponseId: idText(),
  useCase: useCaseRefSchema,
  useCaseProperties: propertiesSchema,
  requestProperties: propertiesSchema,
  userId: z.string().min(1).optional(),
  accountName: z.string().min(1).optional(),
  /** Name of the access key by which the caller was known. */
  keyName: z.string().min(1).optional(),
  /** Limits that this call counts against, as of `occurredAt`. */
  limitIds: z.array(z.string().min(1)),
  kpis: z.array(kpiScoreSchema),
  /** nano-USD by our price book; null where the model has no price there. */
  estimatedCost: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable(),
  holdIds: z.array(z.string().min(1)),
  traceparent: z.string().optional(),
});
export type UsageEvent = z.infer<typeof usageEventSchema>;

/** Scores of an instance that are known later than its usage: from the answer's reading, the judge or a person. */
export const kpiEventSchema = z.strictObject({
  ...common,
  kind: z.literal('kpi'),
  useCase: useCaseRefSchema,
  kpis: z.array(kpiScoreSchema).min(1),
  traceparent: z.string().optional(),
});
export type KpiEvent = z.infer<typeof kpiEventSchema>;

export const trackedEventSchema = z.discriminatedUnion('kind', [usageEventSchema, kpiEventSchema]);
export type TrackedEvent = z.infer<typeof trackedEventSchema>;

/** The deterministic stand-in for a provider's response id. */
export const fallbackResponseId = (eventId: string): string => `trailmeter-${eventId}`;
