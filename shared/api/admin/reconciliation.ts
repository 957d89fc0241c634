import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { reconciledUnits } from '../../reconcile/compare-books.ts';
import { reasons } from '../../reconcile/reasons.ts';
import { enveloped } from '../answers.ts';

const count = z.number().int();
const name = {
  /** Pay-i's category, which names the provider. */
  category: z.string(),
  model: z.string(),
  modifiers: z.string().describe('What changes the price besides the units, comma-separated; empty for nothing.'),
  unit: z.enum(reconciledUnits),
};

export const reconcileRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/reconciliation',
  function: 'reconcile-day',
  access: 'admin',
  dialect: 'envelope',
  summary: "The ledger of a day against Pay-i and the provider's own report, with the events that explain a difference",
  query: z.object({
    /** UTC. */
    day: z.iso.date(),
    /** How many events are looked up at Pay-i at most. */
    lookUps: z.coerce.number().int().min(0).max(10_000).default(1_000),
  }),
  answers: {
    200: enveloped(
      z.strictObject({
        ok: z.boolean().describe('The books that could be compared agree in every row, and in the sum of Pay-i.'),
        day: z.iso.date(),
        complete: z.boolean().describe('The day is over, and all three books say all of it; else see `notes`.'),
        events: count,
        unknownAtPayi: count,
        payiSum: z
          .strictObject({ limitId: z.string(), ledger: z.number(), payi: z.number(), difference: z.number() })
          .nullable()
          .describe('What Pay-i counted for a limit of all calls of the day, in USD; null where there is none.'),
        rows: z.array(
          z.strictObject({
            ...name,
            ledger: z.number(),
            payi: z.number().nullable(),
            provider: z.number().nullable(),
            difference: z.number().describe('The larger one from the ledger; positive where the ledger has less.'),
          }),
        ),
        differences: z.array(
          z.strictObject({
            ...name,
            against: z.enum(['payi', 'provider']),
            difference: z.number(),
            reasons: z.array(
              z.strictObject({
                reason: z.enum(reasons),
                text: z.string(),
                events: count,
                eventIds: z.array(z.string()),
                amount: z.number().nullable(),
              }),
            ),
          }),
        ),
        notes: z.array(z.string()),
      }),
    ),
  },
  failures: [502, 503],
});
