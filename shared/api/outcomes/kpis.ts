import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { scoresSchema } from '../../instances/record-scores.ts';
import { enveloped } from '../answers.ts';
import { kpiFactsSchema } from './kpi-schemas.ts';

export const recordKpisRoute = defineRoute({
  method: 'POST',
  path: '/api/kpis',
  function: 'record-kpis',
  access: 'user',
  dialect: 'envelope',
  summary: 'Takes scores of an instance that are known later; 202: they are on their way',
  body: { types: ['application/json'], schema: scoresSchema, maxBytes: 50_000 },
  answers: { 202: enveloped(z.strictObject({ eventId: z.uuid() })) },
  failures: [404, 503],
});

export const listKpisRoute = defineRoute({
  method: 'GET',
  path: '/api/kpis',
  function: 'list-kpis',
  access: 'user',
  dialect: 'envelope',
  summary: 'Every declared KPI of every use case: what it means, its type, unit, scale and goal',
  answers: {
    200: enveloped(z.strictObject({ kpis: z.array(kpiFactsSchema.extend({ useCase: z.string(), name: z.string() })) })),
  },
});
