import { z } from 'zod';
import { checkedApis } from '../../gateways/checked-apis.ts';
import { defineRoute } from '../../http/route.ts';
import { countUnits } from '../../limits/policies/units.ts';
import { enveloped } from '../answers.ts';
import { callHeaders } from '../gateways/call-headers.ts';
import { fallbackSchema } from '../metrics.ts';

const part = z.strictObject({
  member: z.string().describe('The member of the request that causes it.'),
  why: z.string(),
  usd: z.number(),
});

const checked = { limitId: z.string(), policy: z.string(), passes: z.boolean() };
const needed = z.number().describe('What this limit would hold for the call.');
const left = z.number().optional().describe('Absent for a limit that users share, unless an admin asks.');

const checkAnswer = z.strictObject({
  passes: z.boolean(),
  boundUsd: z.number().describe('The most that the call can cost.'),
  isCounted: z.boolean().describe('True where the provider counted the prompt for it.'),
  refusal: z
    .strictObject({
      code: z.string(),
      status: z.number().int(),
      message: z.string(),
      details: z.record(z.string(), z.unknown()),
    })
    .nullable()
    .describe('What the call would be refused with.'),
  fallback: fallbackSchema.nullable().describe('The cheaper form in which it would be made; null: as it is.'),
  parts: z.array(part).describe('What makes up the bound, the largest first; parts below a hundredth are left out.'),
  limits: z
    .array(
      z.union([
        z.strictObject({ ...checked, unit: z.literal('usd'), neededUsd: needed, leftUsd: left }),
        z.strictObject({ ...checked, unit: z.enum(countUnits), needed, left }),
      ]),
    )
    .describe('The limits that the call counts against, those too that only report.'),
});

export const checkLimitsRoute = defineRoute({
  method: 'POST',
  path: '/api/limits/check',
  function: 'check-limits',
  access: 'user',
  dialect: 'envelope',
  summary: 'Whether a call of a gateway would pass the limits, and what makes its bound; nothing is called or held',
  query: z.object({ api: z.enum(checkedApis).default('messages').describe('The API that the body is for.') }),
  headers: callHeaders
    .omit({ 'x-cost-in-stream': true })
    .extend({ 'anthropic-beta': z.string().optional(), 'anthropic-version': z.string().optional() }),
  body: {
    types: ['application/json'],
    schema: z
      .looseObject({ model: z.string() })
      .describe(
        'The body of the call as the gateway would get it. The data of pictures may be left out: it does not count.',
      ),
  },
  answers: { 200: enveloped(checkAnswer) },
  failures: [403, 404, 503],
});
