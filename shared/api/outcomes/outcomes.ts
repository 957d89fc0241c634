import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { outcomesRequestSchema } from '../../outcomes/outcomes-request.ts';
import { enveloped, timestamp } from '../answers.ts';
import { kpiFactsSchema } from './kpi-schemas.ts';

const count = z.number().int();
const estimate = z.strictObject({
  value: z.number(),
  low: z.number().nullable().describe('lower end of the 95 % confidence interval'),
  high: z.number().nullable().describe('upper end of it'),
});

const kpi = z.strictObject({
  name: z.string(),
  facts: kpiFactsSchema.nullable(),
  scored: count,
  average: estimate,
  meetsGoal: z.boolean().nullable(),
  yes: z
    .strictObject({
      instances: count,
      users: count,
      usdPerInstance: z.number().nullable(),
      usdPerUser: z.number().nullable(),
    })
    .nullable()
    .describe('of a boolean: what all instances cost, for each of these'),
  byScore: z.array(
    z.strictObject({
      from: z.number(),
      to: z.number(),
      instances: count,
      usdPerInstance: estimate,
      tokensPerInstance: estimate,
    }),
  ),
});

export const getOutcomesRoute = defineRoute({
  method: 'GET',
  path: '/api/usage/outcomes',
  function: 'get-outcomes',
  access: 'user',
  dialect: 'envelope',
  summary: "What the caller's instances cost and were worth, by use case and version; all instances for an admin",
  query: outcomesRequestSchema,
  answers: {
    200: enveloped(
      z.strictObject({
        from: timestamp,
        to: timestamp,
        rows: z.array(
          z.strictObject({
            useCase: z.string(),
            version: count.nullable(),
            instances: count,
            users: count,
            requests: count,
            tokens: z.strictObject({ input: count, output: count }),
            estimatedUsd: z.number().nullable(),
            unestimated: count,
            payiUsd: z.number(),
            usdPerInstance: estimate.nullable(),
            kpis: z.array(kpi),
          }),
        ),
      }),
    ),
  },
  failures: [503],
});
