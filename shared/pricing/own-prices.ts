import { z } from 'zod';
import { describeIssue } from '../util/describe-issue.ts';
import { setOwnRows } from './price-book.ts';
import { day, type PriceRow, price, type pricesSchema, rowMembers } from './price-row.ts';

/** Finer than this, a price would be rounded. USD per million tokens. */
const FINEST = 0.000_001;

const ownPrice = z
  .number()
  .min(0)
  .refine(
    (usd) => Math.abs(usd / FINEST - Math.round(usd / FINEST)) < 0.001,
    'must be USD per million tokens with at most 6 decimals',
  );

/** What a row does not name has no known price: a call that used it has no cost, rather than one of the list. */
const unlessNamed = ownPrice.nullable().default(null).pipe(price);

const ownPricesSchema = z.strictObject({
  input: unlessNamed,
  output: unlessNamed,
  cacheWrite: unlessNamed,
  cacheWrite1h: unlessNamed,
  cacheRead: unlessNamed,
  audioInput: unlessNamed,
  audioOutput: unlessNamed,
}) satisfies z.ZodType<z.output<typeof pricesSchema>>;

/** A price of a deployment is that of its endpoint already. */
const ownEndpoint = { regional: 100n, gov: 100n };

const ownRowSchema = z
  .strictObject({
    ...rowMembers,
    modifiers: rowMembers.modifiers.transform((named) => ({ ...ownEndpoint, ...named })),
    /** Where the prices stand, such as `contract 2026-07`. */
    source: z.string().min(1),
    from: day.optional(),
    prices: ownPricesSchema,
    above: z.strictObject({ promptTokens: z.number().int().min(1), prices: ownPricesSchema }).optional(),
  })
  .refine(({ from = -Infinity, until = Infinity }) => from < until, 'must have "from" before "until"');

/** Prices of contracts and deployments, in the form of a row of prices.json, with its source. Two for one model must not be in force at once. */
const ownRows = z.array(ownRowSchema).superRefine((rows, context) => {
  for (const [at, row] of rows.entries()) {
    const other = rows.slice(0, at).find((earlier) => overlap(earlier, row));
    const model = other?.models.find((name) => row.models.includes(name));
    if (model !== undefined)
      context.addIssue({ code: 'custom', path: [at], message: `has ${model} for a time for which another row has it` });
  }
});

const overlap = (a: PriceRow, b: PriceRow): boolean =>
  a.models.some((model) => b.models.includes(model)) &&
  (a.from ?? -Infinity) < (b.until ?? Infinity) &&
  (b.from ?? -Infinity) < (a.until ?? Infinity);

/** As it is written: USD per million tokens, days. */
export type OwnPriceRow = z.input<typeof ownRowSchema>;

/** Rows that are legal, left as they are written, so that they can be shown. */
export const ownPriceRows = z.unknown().transform((value, context): OwnPriceRow[] => {
  const { error } = ownRows.safeParse(value, { error: describeIssue });
  for (const { path, message } of error?.issues ?? []) context.addIssue({ code: 'custom', path, message });
  return error ? z.NEVER : (value as OwnPriceRow[]);
});

/**
 * Puts rows of contracts and deployments before those of the book: for the whole process, in place of the ones before. Called once,
 * where the settings are read.
 */
export const useOwnPrices = (rows: readonly OwnPriceRow[]): void => setOwnRows(ownRows.parse(rows));
