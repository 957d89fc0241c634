import { z } from 'zod';
import { Problem, Refusal } from '../http/api-error.ts';
import { kpiTypes } from '../stores/kpi-types.ts';

/** Bodies of the requests other than ingest. No member beside these is allowed, as in Pay-i's OpenAPI document. */

const properties = z.record(z.string(), z.string().nullable());
const text = z.string().min(1);
const usd = z.number();

export const propertiesBody = z.strictObject({ properties });

const limitMembers = {
  max: usd,
  limit_type: z.enum(['block', 'allow']).optional(),
  threshold: z.number().nullish(),
  properties: properties.nullish(),
};
export const createLimit = z.strictObject({ limit_id: text.optional(), limit_name: text, ...limitMembers });
export const updateLimit = z.strictObject({ limit_name: text.nullish(), max: usd.nullish() });
export const limitConfig = z.strictObject(limitMembers);

export const createDefinition = z.strictObject({
  name: z.string(),
  description: z.string(),
  limit_config: limitConfig.optional(),
  logging_enabled: z.boolean().optional(),
});
export const updateDefinition = z.strictObject({
  description: z.string().nullish(),
  logging_enabled: z.boolean().nullish(),
});

export const createKpi = z.strictObject({
  name: text,
  description: z.string(),
  kpi_type: z.enum(kpiTypes),
  goal: z.number(),
});
export const updateKpi = z.strictObject({ description: z.string().nullish(), goal: z.number().nullish() });
const kpiScore = z.strictObject({ score: z.union([z.boolean(), z.number(), z.null()]) });

const price = z.number().min(0).optional();
export const createResource = z.strictObject({
  units: z.record(text, z.strictObject({ input_price: price, output_price: price })),
  max_input_units: z.number().int().nullish(),
  max_output_units: z.number().int().nullish(),
  max_total_units: z.number().int().nullish(),
  start_timestamp: z.string().nullish(),
});

/** @throws Refusal 400 */
export function read<T extends z.ZodType>(shape: T, body: unknown): z.output<T> {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  throw new Refusal(400, 'request_processing_error', explain(result.error));
}

/** @throws Problem 400 */
export function readScore(body: unknown): boolean | number | null {
  const result = kpiScore.safeParse(body);
  if (result.success) return result.data.score;
  throw new Problem(400, 'Bad Request', explain(result.error));
}

function explain(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join('.') || 'The body'}: ${issue?.message ?? 'wrong'}`.slice(0, 200);
}
