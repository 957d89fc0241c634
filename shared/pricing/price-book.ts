import { z } from 'zod';
import { type Modifier, type PriceRow, priceRowSchema } from './price-row.ts';
import { createModelFinder } from './priced-model.ts';
import data from './prices.json' with { type: 'json' };

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
  rows: z.array(priceRowSchema),
});

const book = bookSchema.parse(data);

const byModel = rowsByModel(book.rows);
const bookModel = createModelFinder(byModel.keys());
const noOwn = { byModel: new Map<string, PriceRow[]>(), find: (_id: string): string | undefined => undefined };
let own = noOwn;

/** See `useOwnPrices`. */
export function setOwnRows(rows: readonly PriceRow[]): void {
  const owned = rowsByModel(rows);
  own = rows.length === 0 ? noOwn : { byModel: owned, find: createModelFinder(owned.keys()) };
}

function rowsByModel(rows: readonly PriceRow[]): Map<string, PriceRow[]> {
  const found = new Map<string, PriceRow[]>();
  for (const row of rows) for (const model of row.models) found.set(model, [...(found.get(model) ?? []), row]);
  return found;
}

/**
 * The name of a model in the book, for any way to write its id: dated, of a region, of another provider's catalogue. Undefined
 * for a model that is unknown; then its price is unknown everywhere. An own row's name stands for itself first.
 */
export const pricedModel = (id: string): string | undefined =>
  own.byModel.has(id) ? id : (bookModel(id) ?? own.find(id));

/** The row for a model at a time (ms, UTC): an own one that is in force, else that of the book; undefined where there is none. */
export function findPrices(model: string, atMs: number): PriceRow | undefined {
  return inForce(own.byModel.get(pricedModel(model) ?? ''), atMs) ?? inForce(byModel.get(bookModel(model) ?? ''), atMs);
}

/** Whether the row that counts for a model at a time (ms, UTC) is an own one. */
export const hasOwnPrices = (model: string, atMs: number): boolean =>
  inForce(own.byModel.get(pricedModel(model) ?? ''), atMs) !== undefined;

const inForce = (rows: readonly PriceRow[] | undefined, atMs: number): PriceRow | undefined =>
  rows?.find((row) => (row.from ?? -Infinity) <= atMs && atMs < (row.until ?? Infinity));

/** pico-USD of one unit that is not a token, e.g. a web search; undefined where the book has none. */
export const findFee = (provider: string, unit: string): bigint | undefined =>
  book.fees.find((fee) => fee.provider === provider && fee.unit === unit)?.usdPerThousand;

/** Every model that has a row, of one provider or of all. */
export const pricedModels = (provider?: string): string[] => {
  const all = new Map([...own.byModel, ...byModel]);
  return [...all].filter(([, [row]]) => provider === undefined || row?.provider === provider).map(([model]) => model);
};

/** The largest factor, in percent, that a model of the book has for a modifier at a time (ms, UTC). */
export const dearestModifier = (name: Modifier, atMs: number): bigint =>
  book.rows
    .filter((row) => inForce([row], atMs))
    .reduce((most, { modifiers: { [name]: factor = 100n } }) => (factor > most ? factor : most), 100n);
