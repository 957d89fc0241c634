import { z } from 'zod';
import { defineRoute } from '../http/route.ts';
import { intervals } from '../usage/answers/usage-query.ts';
import { usageRequestSchema } from '../usage/answers/usage-request.ts';
import { type Dimension, dimensions } from '../usage/usage-group.ts';
import { enveloped, timestamp } from './answers.ts';

const count = z.number().int();
const percentiles = z.strictObject({ p50: count, p90: count, p95: count, p99: count }).nullable();
const grouped = Object.fromEntries(
  dimensions.map((dimension) => [dimension, z.string().nullable().optional()]),
) as Record<Dimension, z.ZodOptional<z.ZodNullable<z.ZodString>>>;

const usageRowSchema = z.strictObject({
  start: timestamp.optional(),
  ...grouped,
  properties: z.record(z.string(), z.string().nullable()).optional(),
  requests: count,
  succeeded: count,
  failed: count,
  aborted: count,
  abandoned: count,
  refused: count,
  units: z.record(z.string(), z.strictObject({ input: count, output: count })),
  tokens: z.strictObject({ input: count, output: count, cacheRead: count, cacheWrite: count }),
  cacheShare: z.number().nullable(),
  estimatedUsd: z.number().nullable(),
  unestimated: count,
  payiUsd: z.number(),
  payiPriced: count,
  latencyMs: percentiles,
  timeToFirstTokenMs: percentiles,
});

export const getUsageRoute = defineRoute({
  method: 'GET',
  path: '/api/usage',
  function: 'get-usage',
  access: 'user',
  dialect: 'envelope',
  summary: "What the caller's calls used and cost, by time and group; all calls for an admin",
  query: usageRequestSchema,
  answers: {
    200: enveloped(
      z.strictObject({
        from: timestamp,
        to: timestamp,
        interval: z.enum(intervals),
        groupBy: z.array(z.string()),
        dimensions: z.array(z.string()).describe('What `groupBy` takes.'),
        latencyError: z.number(),
        rows: z.array(usageRowSchema),
        next: z.string().nullable(),
      }),
    ),
  },
  answerTypes: ['application/json', 'text/csv', 'application/x-ndjson'],
  failures: [503],
});
