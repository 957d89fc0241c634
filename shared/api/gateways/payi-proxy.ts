import { z } from 'zod';
import { analyzeBody, judgeBody, trailFinderBody } from '../../gateways/payi-proxy/bodies.ts';
import { defineRoute, type Route } from '../../http/route.ts';
import { modelFailures } from '../failures.ts';

const proxyAnswer = z.strictObject({
  success: z.literal(true),
  text: z.string(),
  usage: z.strictObject({
    input_tokens: z.number().int(),
    output_tokens: z.number().int(),
    cost: z.number().nullable().describe('USD; null where a model has no price.'),
    input_cost: z.number().nullable(),
    output_cost: z.number().nullable(),
  }),
  use_case_id: z.string(),
  payi_request_id: z.null(),
  error: z.null(),
});

const json = ['application/json'] as const;
const common = {
  method: 'POST',
  access: 'user',
  dialect: 'payi-proxy',
  answers: { 200: proxyAnswer },
  failures: [...modelFailures, 404],
  paid: true,
} as const;

export const proxyAnalyzeRoute = defineRoute({
  ...common,
  path: '/analyze',
  function: 'proxy-analyze',
  summary: 'Photos and a prompt, answered with a text',
  body: { types: json, schema: analyzeBody },
});

export const proxyTrailFinderRoute = defineRoute({
  ...common,
  path: '/trail-finder',
  function: 'proxy-trail-finder',
  summary: 'A prompt, answered with web search',
  body: { types: json, schema: trailFinderBody },
});

export const proxyJudgeRoute = defineRoute({
  ...common,
  path: '/judge',
  function: 'proxy-judge',
  summary: 'A prompt, answered by a model of any provider',
  body: { types: json, schema: judgeBody },
});

export const proxyHealthRoute = defineRoute({
  method: 'GET',
  path: '/health',
  function: 'proxy-health',
  access: 'anyone',
  dialect: 'payi-proxy',
  summary: 'Whether the process answers, and which keys it has',
  answers: {
    200: z.strictObject({
      status: z.literal('healthy'),
      service: z.string(),
      payi_enabled: z.boolean(),
      anthropic_enabled: z.boolean(),
    }),
  },
});

/** The same route for callers that can send no header: an access key made for it stands in the path. */
const behindKey = <R extends Route>(route: R) => ({
  ...route,
  path: `/p/{token}${route.path}` as const,
  function: `${route.function}-by-path` as const,
  params: z.object({ token: z.string() }),
});

export const proxyAnalyzeByPathRoute = behindKey(proxyAnalyzeRoute);
export const proxyTrailFinderByPathRoute = behindKey(proxyTrailFinderRoute);
export const proxyJudgeByPathRoute = behindKey(proxyJudgeRoute);
export const proxyHealthByPathRoute = behindKey(proxyHealthRoute);
