import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { modelFailures } from '../failures.ts';
import { callHeaders } from './call-headers.ts';

/** The provider reads the body; these members are what the gateway looks at. */
const messagesBody = z.looseObject({
  model: z.string(),
  max_tokens: z.number().int(),
  messages: z.array(z.looseObject({ role: z.string() })),
  stream: z.boolean().optional(),
});

const json = ['application/json'] as const;

export const passMessageRoute = defineRoute({
  method: 'POST',
  path: '/anthropic/v1/messages',
  function: 'pass-message',
  access: 'user',
  dialect: 'anthropic',
  summary: 'The Messages API, attributed, limited and metered',
  headers: callHeaders,
  body: { types: json, schema: messagesBody },
  answers: { 200: z.looseObject({ type: z.literal('message'), id: z.string(), usage: z.looseObject({}) }) },
  failures: [...modelFailures, 404],
  events: true,
  paid: true,
});

export const countTokensRoute = defineRoute({
  method: 'POST',
  path: '/anthropic/v1/messages/count_tokens',
  function: 'count-tokens',
  access: 'user',
  dialect: 'anthropic',
  summary: 'Counts the tokens of a request; free',
  body: { types: json, schema: messagesBody.omit({ max_tokens: true }) },
  answers: { 200: z.looseObject({ input_tokens: z.number().int() }) },
  failures: [404, 429, 502, 504, 529],
});

const model = z.looseObject({ type: z.literal('model'), id: z.string() });

export const passModelsRoute = defineRoute({
  method: 'GET',
  path: '/anthropic/v1/models',
  function: 'pass-models',
  access: 'user',
  dialect: 'anthropic',
  summary: 'The models of the Anthropic API that the caller may use',
  query: z.object({ limit: z.string().optional(), after_id: z.string().optional(), before_id: z.string().optional() }),
  answers: {
    200: z.looseObject({
      data: z.array(model),
      has_more: z.boolean(),
      first_id: z.string().nullable(),
      last_id: z.string().nullable(),
    }),
  },
  failures: [404, 429, 502, 504, 529],
});

export const passModelRoute = defineRoute({
  method: 'GET',
  path: '/anthropic/v1/models/{model}',
  function: 'pass-model',
  access: 'user',
  dialect: 'anthropic',
  summary: 'One model of the Anthropic API',
  params: z.object({ model: z.string() }),
  answers: { 200: model },
  failures: [429, 502, 504, 529],
});
