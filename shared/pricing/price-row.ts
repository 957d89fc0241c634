import { z } from 'zod';

/** 1 USD per million tokens in pico-USD (10⁻¹² USD) per token. Pico, so that every price and its factors stay integers. */
const PICO_PER_USD_PER_MILLION = 1_000_000;

/** pico-USD per token; null: unknown. */
export const price = z
  .number()
  .min(0)
  .nullable()
  .transform((usd) => (usd === null ? null : BigInt(Math.round(usd * PICO_PER_USD_PER_MILLION))));

export const pricesSchema = z.strictObject({
  input: price,
  output: price,
  /** Written to the cache for five minutes. */
  cacheWrite: price,
  cacheWrite1h: price,
  cacheRead: price,
  /** Tokens of sound; absent: unknown. */
  audioInput: price.default(null),
  audioOutput: price.default(null),
});
export type Prices = z.infer<typeof pricesSchema>;

/** A factor on every token price, in percent. */
export const percent = z
  .number()
  .positive()
  .transform((factor) => BigInt(Math.round(factor * 100)));

/** The beginning of a day, ms, UTC. */
export const day = z.iso.date().transform((date) => Date.parse(`${date}T00:00:00Z`));

/**
 * What of a call changes its price besides its tokens: fast mode, `inference_geo: us`, a batch and a priority tier, as the answer says, not
 * the request; and the endpoint that it went to: one that keeps to a region or a data zone, or one of a government's cloud.
 */
export const modifierNames = ['fast', 'us', 'batch', 'priority', 'regional', 'gov'] as const;
export type Modifier = (typeof modifierNames)[number];

/** What an endpoint adds to the list prices, which are those of global ones. */
export type Surcharge = Extract<Modifier, 'regional' | 'gov'>;

/** The members that every row has. */
export const rowMembers = {
  provider: z.string(),
  models: z.array(z.string().min(1)).min(1),
  /** ms, UTC: first moment of the row, and the first after it. */
  from: day.optional(),
  until: day.optional(),
  /** A modifier that is not named here has no known price with this model. */
  modifiers: z.partialRecord(z.enum(modifierNames), percent).default({}),
};

export const priceRowSchema = z.strictObject({
  ...rowMembers,
  prices: pricesSchema,
  /** Where the prompt has more tokens than this, the whole call has these prices. */
  above: z.strictObject({ promptTokens: z.number().int(), prices: pricesSchema }).optional(),
});
export type PriceRow = z.infer<typeof priceRowSchema>;
