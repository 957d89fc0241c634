import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkProvider } from '../../shared/diagnosis/provider.ts';
import { createAnthropic } from '../../shared/model/clients/anthropic.ts';
import { claudePlatform } from '../../shared/model/platforms/claude-platform.ts';
import { createGoogleToken } from '../../shared/model/platforms/google-token.ts';
import { vertexCount, vertexMessage } from '../../shared/model/platforms/vertex-body.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { GATEWAY_KEY, gatewaySettings } from './serve.ts';
import { startVertexFront, type VertexFront } from './vertex-front.ts';

let opened: AnthropicGateway;
let front: VertexFront;
beforeAll(async () => {
  opened = await startAnthropicGateway();
  front = await startVertexFront(opened.model.url);
});
beforeEach(() => {
  opened.reset();
  front.calls.length = 0;
  front.tokens.given = 0;
  front.tokens.lifetimeS = 3_600;
  useVertex();
});
afterEach(() => opened.reset());
afterAll(async () => {
  await front.close();
  await opened.close();
});

const useVertex = (more: Record<string, string> = {}) => {
  opened.settings = gatewaySettings({
    ANTHROPIC_PLATFORM: 'vertex',
    ANTHROPIC_BASE_URL: `${front.url}/v1/projects/project/locations/global`,
    ANTHROPIC_API_KEY: '',
    VERTEX_ACCOUNT_KEY: front.accountKey,
    ...more,
  });
};
const params = {
  model: 'claude-sonnet-5-5',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'Which trail is dry?' }],
};

describe("Claude in Google's Vertex AI", () => {
  test('messages, streams and counts, in the category system.google.vertex', async () => {
    const message = await opened.sdk().messages.create(params);
    const streamed = await opened.sdk().messages.stream(params).finalMessage();
    const counted = await opened.sdk().messages.countTokens({ model: params.model, messages: params.messages });
    expect(counted.input_tokens).toBe(message.usage.input_tokens);
    expect(front.calls.map(({ path }) => path.replace(/.*\/models\//, ''))).toEqual([
      'claude-sonnet-5-5:rawPredict',
      'claude-sonnet-5-5:streamRawPredict',
      'count-tokens:rawPredict',
    ]);
    expect(front.tokens.given).toBe(1);
    expect(opened.record.events).toMatchObject(
      [message, streamed].map(({ usage }) => ({
        category: 'system.google.vertex',
        resource: 'claude-sonnet-5-5',
        units: { text: { input: usage.input_tokens, output: usage.output_tokens } },
      })),
    );
  });

  test.each([
    ['global', 10, undefined],
    ['us-east5', 11, 'regional'],
    ['eu', 11, 'regional'],
  ])('the location %s costs %i tenths of the list price', async (location, tenths, modifiers) => {
    useVertex({ ANTHROPIC_BASE_URL: `${front.url}/v1/projects/project/locations/${location}` });
    const { usage } = await opened.sdk().messages.create(params);
    const [event] = opened.record.events;
    expect(event?.estimatedCost).toBe(((usage.input_tokens * 2_000 + usage.output_tokens * 10_000) * tenths) / 10);
    expect(event?.requestProperties['price_modifiers']).toBe(modifiers);
  });

  test('neither the key of the caller nor other credentials reach it', async () => {
    await opened.sdk().messages.create(params);
    expect(front.calls[0]?.headers['x-api-key']).toBeUndefined();
    expect(JSON.stringify(front.calls)).not.toContain(GATEWAY_KEY);
  });

  test('a model by the name of its release', async () => {
    await opened.sdk().messages.create({ ...params, model: 'claude-haiku-4-5@20251001' });
    expect(front.calls[0]?.path).toMatch(/\/models\/claude-haiku-4-5@20251001:rawPredict$/);
    expect(opened.record.events).toMatchObject([
      { requestedResource: 'claude-haiku-4-5', resource: 'claude-haiku-4-5-20251001' },
    ]);
  });

  test("the features' own client and the doctor reach it", async () => {
    const { baseUrl, fetch: send } = claudePlatform(opened.settings);
    await createAnthropic({ apiKey: '', baseUrl, send }).messages.create(params);
    expect(await checkProvider(opened.settings, Date.parse('2026-11-28'))).toMatchObject({ ok: true });
    expect(front.calls.at(-1)?.path).toContain('count-tokens');
  });

  test('models: 404; a body with a version of its own: 400', async () => {
    await expect(opened.sdk().models.list()).rejects.toMatchObject({ status: 404, errorCode: 'not_supported' });
    const own = { ...params, anthropic_version: 'vertex-2023-10-16' } as typeof params;
    await expect(opened.sdk().messages.create(own)).rejects.toMatchObject({ status: 400 });
    expect(front.calls).toEqual([]);
  });

  test('a key that Google refuses: 502 that says what to do', async () => {
    useVertex({ VERTEX_ACCOUNT_KEY: front.accountKey.replace('/token"', '/no-token"') });
    await expect(opened.sdk().messages.create(params)).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining('VERTEX_ACCOUNT_KEY'),
    });
    expect(() => useVertex({ VERTEX_ACCOUNT_KEY: '{"client_email":"a"}' })).toThrow(
      /VERTEX_ACCOUNT_KEY at private_key/,
    );
    expect(() => useVertex({ VERTEX_ACCOUNT_KEY: '' })).toThrow(/VERTEX_ACCOUNT_KEY: is missing/);
  });
});

test('tokens are shared by requests at once, and renewed before they end', async () => {
  const account = JSON.parse(front.accountKey);
  let now = Date.now();
  const token = createGoogleToken(account, { now: () => now, sleep: async () => {} });
  expect(await Promise.all([token(), token()])).toEqual(['token-1', 'token-1']);
  now += 3_479_000;
  expect(await token()).toBe('token-1');
  now += 1_000;
  expect(await token()).toBe('token-2');
});

describe('the body', () => {
  const textOf = ({ body }: { body: Uint8Array[] }) => Buffer.concat(body).toString();
  test.each([
    ['{"model":"m","stream":true,"big":12345678901234567890}', 'streamRawPredict'],
    ['{ "messages" : [{"model":"x"}] , "m\\u006fdel" : "m" }', 'rawPredict'],
    ['\n{"stream":false,\n"model":\t"m"\n}', 'rawPredict'],
  ])('%s', (given, method) => {
    const request = vertexMessage(Buffer.from(given), '2023-06-01');
    expect(request).toMatchObject({ model: 'm', method });
    const { model: _, ...rest } = JSON.parse(given);
    expect(JSON.parse(textOf(request))).toEqual({ ...rest, anthropic_version: '2023-06-01' });
    // Numbers that JavaScript cannot hold, too.
    expect(textOf(request).replace(/"anthropic_version":"2023-06-01"/, '')).toBe(
      given.replace(/"m(o|\\u006f)del"\s*:\s*"m"\s*(?=[,}])/, ''),
    );
  });

  test('of a count keeps the model', () => {
    const request = vertexCount(Buffer.from(' { "model":"m"}'), '2023-06-01');
    expect(textOf(request)).toBe(' { "anthropic_version":"2023-06-01","model":"m"}');
    expect(request).toMatchObject({ model: 'count-tokens', method: 'rawPredict' });
  });

  test.each(['', '[]', '{}', '"model"', '{"model":1}', '{"model":"a","model":"b"}'])('%s is refused', (given) => {
    expect(() => vertexMessage(Buffer.from(given), '2023-06-01')).toThrow();
  });
});
