import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { instancesRequestSchema } from '../../outcomes/instances-request.ts';
import { enveloped } from '../answers.ts';
import { instanceSchema, instanceSummarySchema } from './instance-schemas.ts';

export const listInstancesRoute = defineRoute({
  method: 'GET',
  path: '/api/use-cases/{name}/instances',
  function: 'list-instances',
  access: 'user',
  dialect: 'envelope',
  summary: "The caller's instances of a use case, the latest first; all instances for an admin",
  params: z.object({ name: z.string() }),
  query: instancesRequestSchema,
  answers: {
    200: enveloped(z.strictObject({ instances: z.array(instanceSummarySchema), next: z.string().nullable() })),
  },
  failures: [503],
});

export const getInstanceRoute = defineRoute({
  method: 'GET',
  path: '/api/use-cases/{name}/instances/{id}',
  function: 'get-instance',
  access: 'user',
  dialect: 'envelope',
  summary: 'One instance of a use case: calls, price lines, steps, KPIs, limits and what the judge found',
  params: z.object({ name: z.string(), id: z.string() }),
  answers: { 200: enveloped(instanceSchema) },
  failures: [503],
});
