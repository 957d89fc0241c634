import { z } from 'zod';
import { createModelFinder } from './priced-model.ts';
import data from './prices.json' with { type: 'json' };

/** 1 USD per million tokens in pico-USD (10⁻¹² USD) per token. Pico, so that every price and its factors stay integers. */
const PICO_PER_USD_PER_MILLION = 1_000_000;

/** pico-USD per token; null: unknown. */
const price = z
  .number()
  .min(0)
  .nullable()
  .transform((usd) => (usd === null ? null : BigInt(Math.round(usd * PICO_PER_USD_PER_MILLION))));

const pricesSchema = z.strictObject({
  input: price,
  output: price,
  /** Written to the cache for five minutes. */
  cacheWrite: price,
  cacheWrite1h: price,
  cacheRead: price,
});
export type Prices = z.infer<typeof pricesSchema>;

/** A factor on every token price, in percent. */
const percent = z
  .number()
  .positive()
  .transform((factor) => BigInt(Math.round(factor * 100)));

const day = z.iso.date().transform((date) => Date.parse(`${date}T00:00:00Z`));

const bookSchema = z.strictObject({
  note: z.string(),
  /** Where a provider's prices stand, and the day of the last look. */
  sources: z.array(
    z.strictObject({ provider: z.string(), url: z.url(), seen: z.iso.date(), taken: z.string().optional() }),
  ),
  fees: z.array(
    z.strictObject({
      provider: z.string(),
      unit: z.string(),
      /** pico-USD for one. */
      usdPerThousand: z.number().transform((usd) => BigInt(Math.round(usd * 1e9))),
    }),
  ),
  rows: z.array(
    z.strictObject({
      provider: z.string(),
      models: z.array(z.string()).min(1),
      /** ms, UTC: first moment of the row, and the first after it. */
      from: day.optional(),
      until: day.optional(),
      prices: pricesSchema,
      /** Where the prompt has more tokens than this, the whole call has these prices. */
      above: z.strictObject({ promptTokens: z.number().int(), prices: pricesSchema }).optional(),
      /** A modifier that is not named here has no known price with this model. */
      modifiers: z.partialRecord(z.enum(['fast', 'us', 'batch', 'priority']), percent).default({}),
    }),
  ),
});

const book = bookSchema.parse(data);

/** What of a call changes its price besides its tokens: fast mode, `inference_geo: us`, a batch, a priority tier. As the answer says, not the request. */
export type Modifier = 'fast' | 'us' | 'batch' | 'priority';
export type PriceRow = z.infer<typeof bookSchema>['rows'][number];

const byModel = new Map<string, PriceRow[]>();
for (const row of book.rows) {
  for (const model of row.models) byModel.set(model, [...(byModel.get(model) ?? []), row]);
}

/**
 * The name of a model in the book, for any way to write its id: dated, of a region, of another provider's catalogue. Undefined
 * for a model that is unknown; then its price is unknown everywhere.
 */
export const pricedModel = createModelFinder(byModel.keys());

/** The row for a model at a time (ms, UTC); undefined where the book has none. */
export function findPrices(model: string, atMs: number): PriceRow | undefined {
  const rows = byModel.get(pricedModel(model) ?? '');
  return rows?.find((row) => (row.from ?? -Infinity) <= atMs && atMs < (row.until ?? Infinity));
}

/** pico-USD of one unit that is not a token, e.g. a web search; undefined where the book has none. */
export const findFee = (provider: string, unit: string): bigint | undefined =>
  book.fees.find((fee) => fee.provider === provider && fee.unit === unit)?.usdPerThousand;

/** Every model that the book names, of one provider or of all. */
export const pricedModels = (provider?: string): string[] =>
  [...byModel].filter(([, [row]]) => provider === undefined || row?.provider === provider).map(([model]) => model);
