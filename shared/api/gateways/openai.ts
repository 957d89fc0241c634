import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { modelFailures } from '../failures.ts';
import { callHeaders } from './call-headers.ts';

/** The provider reads the body; these members are what the gateway looks at. */
const chatBody = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string() })),
  stream: z.boolean().optional(),
});

const json = ['application/json'] as const;

export const passChatCompletionRoute = defineRoute({
  method: 'POST',
  path: '/openai/v1/chat/completions',
  function: 'pass-chat-completion',
  access: 'user',
  dialect: 'openai',
  summary: 'Chat completions of OpenAI, Azure OpenAI, Google or xAI, attributed, limited and metered',
  headers: callHeaders,
  body: { types: json, schema: chatBody },
  answers: { 200: z.looseObject({ id: z.string(), choices: z.array(z.looseObject({})) }) },
  failures: [...modelFailures, 404],
  events: true,
  paid: true,
});

const embeddingsBody = z.looseObject({
  model: z.string(),
  /** Texts or tokens, one list of them or several. */
  input: z.union([z.string(), z.array(z.unknown())]),
});

export const passEmbeddingsRoute = defineRoute({
  method: 'POST',
  path: '/openai/v1/embeddings',
  function: 'pass-embeddings',
  access: 'user',
  dialect: 'openai',
  summary: 'Embeddings of OpenAI, Azure OpenAI or Google, attributed, limited and metered',
  headers: callHeaders,
  body: { types: json, schema: embeddingsBody },
  answers: { 200: z.looseObject({ data: z.array(z.looseObject({})) }) },
  failures: [...modelFailures, 404],
  paid: true,
});

const responseBody = z.looseObject({
  model: z.string(),
  /** A text, or the items of a conversation. */
  input: z.union([z.string(), z.array(z.looseObject({}))]),
  stream: z.boolean().optional(),
});

export const passResponseRoute = defineRoute({
  method: 'POST',
  path: '/openai/v1/responses',
  function: 'pass-response',
  access: 'user',
  dialect: 'openai',
  summary: 'The Responses API of OpenAI, Azure OpenAI or xAI, attributed, limited and metered',
  headers: callHeaders,
  body: { types: json, schema: responseBody },
  answers: { 200: z.looseObject({ id: z.string(), output: z.array(z.looseObject({})) }) },
  failures: [...modelFailures, 404],
  events: true,
  paid: true,
});

const model = z.looseObject({ id: z.string(), object: z.literal('model') });

export const passOpenAiModelsRoute = defineRoute({
  method: 'GET',
  path: '/openai/v1/models',
  function: 'pass-openai-models',
  access: 'user',
  dialect: 'openai',
  summary: 'The models of OpenAI, Azure OpenAI, Google and xAI that the caller may use',
  answers: { 200: z.looseObject({ object: z.literal('list'), data: z.array(model) }) },
  failures: [404, 429, 502, 504],
});

export const passOpenAiModelRoute = defineRoute({
  method: 'GET',
  path: '/openai/v1/models/{model}',
  function: 'pass-openai-model',
  access: 'user',
  dialect: 'openai',
  summary: 'One model of OpenAI, Azure OpenAI, Google or xAI',
  params: z.object({ model: z.string() }),
  answers: { 200: model },
  failures: [429, 502, 504],
});
