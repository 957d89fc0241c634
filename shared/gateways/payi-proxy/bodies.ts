import { z } from 'zod';
import { modelIdShape } from '../../model/model-id.ts';
import { useCases } from '../../use-cases/use-cases.ts';
import { idText } from '../../util/id-text.ts';

/** Bodies of the payi-proxy's routes, as lax as pydantic reads them: unknown members pass, whole numbers may come as text. */

const MAX_PROMPT = 400_000;
const DEFAULT_MODEL = 'claude-sonnet-4-20250514';

const whole = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value),
    z.number().int().min(min).max(max),
  );
const nullable = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value): z.output<T> | undefined => value ?? undefined);

const text = z.string().max(2_000);
const name = idText(64);
const prompt = z.string().max(MAX_PROMPT);
const version = whole(1, 2_147_483_647);
const maxTokens = whole(1, 64_000);
const propertyMap = z
  .record(z.string().min(1).max(64), z.string().max(500))
  .refine((properties) => Object.keys(properties).length <= 30, 'must have at most 30 properties');
const modelId = z.string().max(100).regex(modelIdShape, 'must be the id of a model');
const claude = modelId.regex(/^(anthropic\.)?claude-/, 'must be the id of a Claude model').default(DEFAULT_MODEL);

const vehicle = z.object({
  make: text,
  model: text,
  year: nullable(whole(1900, 2100)),
  features: nullable(z.array(text).max(50)),
  suspension_brand: nullable(text),
  suspension_travel: nullable(text),
});
const trail = z.object({
  trail_name: nullable(text),
  trail_location: nullable(text),
  additional_notes: nullable(text),
});
const attribution = {
  user_id: nullable(text),
  account_name: nullable(text),
  use_case_properties: nullable(propertyMap),
};

export const analyzeBody = z.object({
  images: z.array(z.string()),
  model: claude,
  prompt: nullable(prompt),
  max_tokens: nullable(maxTokens),
  vehicle_info: nullable(vehicle),
  context: nullable(trail),
  ...attribution,
  use_case_name: nullable(name),
  use_case_version: nullable(version),
  request_properties: nullable(propertyMap),
});
export type AnalyzeBody = z.output<typeof analyzeBody>;

export const trailFinderBody = z.object({
  prompt,
  model: claude,
  max_tokens: maxTokens.default(4_096),
  ...attribution,
  use_case_name: nullable(name),
  /** Absent: 1; null: none. */
  use_case_version: version.nullable().default(1),
  request_properties: nullable(propertyMap),
});
export type TrailFinderBody = z.output<typeof trailFinderBody>;

export const judgeBody = z.object({
  prompt,
  provider: z.string().max(100).default('openai'),
  model: modelId.default('gpt-4o'),
  max_tokens: maxTokens.default(4_096),
  ...attribution,
  validated_use_case: nullable(text),
  location: nullable(text),
  use_case_name: name.default(useCases.judge.name),
  use_case_version: version.default(1),
});
export type JudgeBody = z.output<typeof judgeBody>;
