import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../shared/api/routes.ts';
import { unrouted } from '../../shared/api/unrouted.ts';
import { recording } from '../support/recording.ts';
import { GATEWAY_KEY, gatewaySettings, serve } from './serve.ts';

let server: Awaited<ReturnType<typeof serve>>;
let client: Anthropic;

beforeAll(async () => {
  const services = () => ({ settings: gatewaySettings({}), telemetry: recording().telemetry });
  const handler = unrouted(services, routes);
  server = await serve(['GET', 'POST'].map((method) => ({ method, path: /./, handler })));
  client = new Anthropic({ apiKey: GATEWAY_KEY, baseURL: `${server.url}/anthropic`, maxRetries: 0 });
});
afterAll(() => server.close());

test.each<[string, () => Promise<unknown>, string]>([
  ['what it passes', () => client.get('/v1/skills'), 'POST /v1/messages, GET /v1/messages/batches'],
  ['a path below models', () => client.get('/v1/models/a/b'), 'This path is not supported'],
  ['a path below batches', () => client.get('/v1/messages/batches/a/b'), 'This path is not supported'],
  ['anything else', () => client.get('/v1/brand-new'), 'This path is not supported'],
])("%s: the SDK's own error, with what is not supported", async (_name, ask, words) => {
  const error = await ask().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Anthropic.NotFoundError);
  expect(error).toMatchObject({
    type: 'not_found_error',
    errorCode: 'not_supported',
    apiMessage: expect.stringContaining(words),
  });
});
