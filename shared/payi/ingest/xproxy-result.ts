import { z } from 'zod';

const amount = z.looseObject({ base: z.number().nullish(), overrun_base: z.number().nullish() });

/** USD as numbers. */
export const costSchema = z.looseObject({
  currency: z.string().nullish(),
  input: amount.nullish(),
  output: amount.nullish(),
  total: amount.nullish(),
});

/** `ok`, `exceeded`, `overrun`, `blocked`, `blocked_external`, `failed`, or one that Pay-i adds later. */
export type LimitState = string;

/** What Pay-i knows of one request. */
export const xproxyResultSchema = z.looseObject({
  request_id: z.string().nullish(),
  /** The price version that was used. */
  resource_id: z.string().nullish(),
  cost: costSchema.nullish(),
  limits: z.record(z.string(), z.looseObject({ state: z.string().nullish() })).nullish(),
  blocked_limit_ids: z.array(z.string()).nullish(),
  use_case_name: z.string().nullish(),
  use_case_id: z.string().nullish(),
  use_case_step: z.string().nullish(),
  user_id: z.string().nullish(),
  account_name: z.string().nullish(),
  /** Units that have no price for this resource. */
  unknown_units: z.record(z.string(), z.looseObject({})).nullish(),
  duplicate_request: z.boolean().nullish(),
  warnings: z.array(z.string()).nullish(),
  actions: z.array(z.string()).nullish(),
  queued: z.boolean().nullish(),
});
export type XproxyResult = z.infer<typeof xproxyResultSchema>;
