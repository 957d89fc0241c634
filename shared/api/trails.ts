import { z } from 'zod';
import { defineRoute } from '../http/route.ts';
import { analysisAnswerSchema } from '../trails/analysis/answer.ts';
import { analysisBodySchema } from '../trails/analysis/request.ts';
import { recommendationSchema } from '../trails/finder/answer.ts';
import { searchSchema, searchTexts } from '../trails/finder/request.ts';
import { judgeSchema } from '../trails/judge/request.ts';
import { evaluationSchema } from '../trails/judge/verdict.ts';
import { planAnswerSchema, waypointSchema } from '../trails/planner/answer.ts';
import { planSchema, planTexts } from '../trails/planner/request.ts';
import { unknownsSchema } from '../trails/reading/unknowns.ts';
import { enveloped } from './answers.ts';
import { modelFailures } from './failures.ts';
import { metricsSchema } from './metrics.ts';

/** Whether a judge will look at an answer; its verdict stands at the instance. */
const judgeState = z.strictObject({ status: z.enum(['pending', 'skipped']) });

const json = ['application/json'] as const;

export const analyzeRoute = defineRoute({
  method: 'POST',
  path: '/api/analyze',
  function: 'analyze',
  access: 'user',
  dialect: 'envelope',
  summary: 'Assesses a trail from photos',
  body: { types: ['multipart/form-data', 'application/json'], schema: analysisBodySchema },
  answers: {
    200: enveloped(
      z.strictObject({
        analysis: analysisAnswerSchema.extend({ ...unknownsSchema.shape, rawResponse: z.string() }),
        metrics: metricsSchema,
        judge: judgeState,
      }),
    ),
  },
  failures: [...modelFailures, 409],
  events: true,
  paid: true,
  unexpected: 'Failed to analyze image. Please try again.',
});

export const searchTrailsRoute = defineRoute({
  method: 'POST',
  path: '/api/trail-finder/search',
  function: 'search-trails',
  access: 'user',
  dialect: 'envelope',
  summary: 'Finds trails on the web that fit a driver',
  body: { types: json, schema: searchSchema, texts: searchTexts },
  answers: {
    200: enveloped(
      z.strictObject({
        query: z.record(z.string(), z.unknown()),
        searchSummary: z.string(),
        vehicleCapabilityScore: z.number().describe('1 to 5, with one decimal.'),
        recommendations: z.array(recommendationSchema),
        ...unknownsSchema.shape,
        searchErrors: z.array(z.string()).optional(),
        metrics: metricsSchema,
        judge: judgeState,
      }),
    ),
  },
  failures: [...modelFailures, 404, 409],
  events: true,
  paid: true,
  unexpected: 'Failed to search for trails. Please try again.',
});

export const planRouteRoute = defineRoute({
  method: 'POST',
  path: '/api/routes/plan',
  function: 'plan-route',
  access: 'user',
  dialect: 'envelope',
  summary: 'Plans a route over several days',
  body: { types: json, schema: planSchema, texts: planTexts },
  answers: {
    200: enveloped(
      z.strictObject({
        plan: planAnswerSchema.omit({ waypoints: true }).extend({ unknown: unknownsSchema.shape.unknown }),
        waypoints: z.array(waypointSchema),
        totals: z.strictObject({
          totalDistance: z.number().describe('Miles.'),
          distanceBasis: z.enum(['segments', 'straight-line']),
          estimatedTime: z.number().describe('Minutes.'),
          elevationGain: z.number().describe('Feet.'),
        }),
        metrics: metricsSchema,
      }),
    ),
  },
  failures: [...modelFailures, 404, 409],
  events: true,
  paid: true,
  unexpected: 'Failed to plan the route. Please try again.',
});

export const judgeRoute = defineRoute({
  method: 'POST',
  path: '/api/judge',
  function: 'judge',
  access: 'user',
  dialect: 'envelope',
  summary: 'Judges an answer of a feature',
  body: { types: json, schema: judgeSchema },
  answers: {
    200: enveloped(
      z.discriminatedUnion('status', [
        z.strictObject({
          status: z.literal('judged'),
          verdict: evaluationSchema.extend({ ...unknownsSchema.shape, passed: z.boolean() }),
          metrics: metricsSchema,
        }),
        z.strictObject({ status: z.literal('skipped'), reason: z.literal('no_judge') }),
      ]),
    ),
  },
  failures: [...modelFailures, 409],
  events: true,
  paid: true,
  unexpected: 'Failed to judge the answer. Please try again.',
});
