import { z } from 'zod';
import { defineRoute } from '../http/route.ts';
import { timestamp } from './answers.ts';

export const healthRoute = defineRoute({
  method: 'GET',
  path: '/api/health',
  function: 'check-health',
  access: 'anyone',
  dialect: 'bare',
  summary: 'The process answers',
  answers: {
    200: z.strictObject({
      status: z.literal('healthy'),
      timestamp,
      uptime: z.number().describe('Seconds.'),
      environment: z.string(),
    }),
  },
});

const readinessBody = z.strictObject({
  status: z.enum(['ready', 'not-ready']),
  checks: z.record(z.string(), z.enum(['ok', 'failed'])),
  warnings: z.array(z.string()).optional().describe('Settings that open something which is closed by default.'),
});

export const readinessRoute = defineRoute({
  method: 'GET',
  path: '/api/health/ready',
  function: 'check-readiness',
  access: 'anyone',
  dialect: 'bare',
  summary: 'Everything that requests need works; 503 names the part that does not',
  answers: { 200: readinessBody, 503: readinessBody },
});
