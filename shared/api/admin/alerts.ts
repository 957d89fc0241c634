import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { enveloped, timestamp } from '../answers.ts';

const MAX_BYTES = 100_000;

const deadAlert = z.strictObject({
  id: z.string(),
  limitId: z.string(),
  event: z.string().describe('`limit-crossed` or `approval-asked`.'),
  target: z.string().describe('Stands for the address, which may hold a secret.'),
  attempts: z.number().int(),
  createdAt: timestamp,
  lastError: z.string(),
});

export const listAlertsRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/alerts',
  function: 'list-alerts',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Alerts of limits that no target took for a day, the first 1,000',
  answers: { 200: enveloped(z.strictObject({ alerts: z.array(deadAlert) })) },
});

export const replayAlertsRoute = defineRoute({
  method: 'POST',
  path: '/api/admin/alerts/replay',
  function: 'replay-alerts',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Sends alerts again that were given up; they go out within a minute, and are tried for a day',
  body: {
    types: ['application/json'],
    schema: z.strictObject({ ids: z.array(z.string().min(1).max(500)).min(1).max(1_000) }),
    maxBytes: MAX_BYTES,
  },
  answers: {
    200: enveloped(
      z.strictObject({
        replayed: z.array(z.string()),
        skipped: z.number().int().describe('Those that are not among the alerts that were given up.'),
      }),
    ),
  },
});
