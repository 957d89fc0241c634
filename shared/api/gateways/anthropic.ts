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
