import { createServer } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkProvider } from '../../shared/diagnosis/provider.ts';
import { createAnthropic } from '../../shared/model/clients/anthropic.ts';
import { claudePlatform } from '../../shared/model/platforms/claude-platform.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { expectedAuthorization, type SignedRequest } from './aws-signature.ts';
import { gatewaySettings } from './serve.ts';

const SECRET = 'a-secret-of-aws';
let opened: AnthropicGateway;
let url: string;
const calls: SignedRequest[] = [];

/** Bedrock before the stand-in: refuses what is not signed, and drops the prefix of model ids. */
const bedrock = createServer(async (request, response) => {
  const call = { target: request.url ?? '', headers: request.headers, body: await text(request) };
  calls.push(call);
  const { authorization } = request.headers;
  const isAdmitted = authorization === 'Bearer bedrock-key' || authorization === expectedAuthorization(call, SECRET);
  const answer = isAdmitted
    ? await fetch(opened.model.url + call.target.replace(/^\/anthropic/, ''), {
        method: 'POST',
        headers: { 'x-api-key': 'provider-secret', 'anthropic-version': String(request.headers['anthropic-version']) },
        body: call.body.replace('anthropic.claude', 'claude'),
      })
    : Response.json({ message: 'The request signature we calculated does not match' }, { status: 403 });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  Readable.fromWeb(answer.body as never).pipe(response);
});

beforeAll(async () => {
  opened = await startAnthropicGateway();
  await new Promise<void>((resolve) => bedrock.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(bedrock.address() as AddressInfo).port}/anthropic`;
});
beforeEach(() => {
  calls.length = 0;
  useBedrock();
});
afterEach(() => opened.reset());
afterAll(async () => {
  bedrock.closeAllConnections();
  await new Promise((resolve) => bedrock.close(resolve));
  await opened.close();
});

const useBedrock = (more: Record<string, string> = {}) => {
  opened.settings = gatewaySettings({
    ANTHROPIC_PLATFORM: 'bedrock',
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: '',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: SECRET,
    ...more,
  });
};
const params = {
  model: 'anthropic.claude-sonnet-5-5',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'Which trail is dry in Zürich?' }],
};

describe('Claude in Amazon Bedrock', () => {
  test('signed messages, streams and counts, in the category system.aws.bedrock', async () => {
    const message = await opened.sdk().messages.create(params);
    const streamed = await opened.sdk().messages.stream(params).finalMessage();
    const counted = await opened
      .sdk()
      .messages.countTokens({ model: params.model, messages: params.messages }, { query: { beta: 'true' } });
    expect(counted.input_tokens).toBe(message.usage.input_tokens);
    expect(calls.map(({ target }) => target)).toEqual([
      '/anthropic/v1/messages',
      '/anthropic/v1/messages',
      '/anthropic/v1/messages/count_tokens?beta=true',
    ]);
    for (const { headers } of calls) {
      expect(headers.authorization).toContain('/us-east-1/bedrock/aws4_request, ');
      expect(headers['x-api-key']).toBeUndefined();
    }
    expect(opened.record.events).toMatchObject(
      [message, streamed].map(({ usage }) => ({
        category: 'system.aws.bedrock',
        requestedResource: 'claude-sonnet-5-5',
        resource: 'claude-sonnet-5-5',
        units: { text: { input: usage.input_tokens, output: usage.output_tokens } },
      })),
    );
  });

  test('has the surcharge of a regional endpoint, in the event, the header and the hold', async () => {
    const { data, response } = await opened.sdk().messages.create(params).withResponse();
    const listNano = data.usage.input_tokens * 2_000 + data.usage.output_tokens * 10_000;
    expect(opened.record.events).toMatchObject([
      { estimatedCost: (listNano * 11) / 10, requestProperties: { price_modifiers: 'regional' } },
    ]);
    expect(Number(response.headers.get('x-request-cost'))).toBeCloseTo((listNano * 1.1) / 1e9, 9);
  });

  test('a large body is signed too', async () => {
    await opened.sdk().messages.create({ ...params, messages: [{ role: 'user', content: 'trail '.repeat(100_000) }] });
    expect(opened.record.events).toMatchObject([{ outcome: 'succeeded' }]);
  });

  test.each([
    ['bedrock-mantle.us-east-1.api.aws', 'bedrock-mantle'],
    ['bedrock-runtime.us-east-1.amazonaws.com', 'bedrock'],
  ])('requests to %s are signed for %s', async (host, service) => {
    const sent = vi.spyOn(https, 'request').mockImplementation(() => {
      throw new Error('not sent');
    });
    const asked = claudePlatform(opened.settings).fetch(`https://${host}/anthropic/v1/messages`, {
      method: 'POST',
      body: '{}',
    });
    await expect(asked).rejects.toThrow('not sent');
    const [, { headers }] = sent.mock.calls[0] as unknown as [URL, { headers: Record<string, string> }];
    sent.mockRestore();
    expect(headers['authorization']).toContain(`/us-east-1/${service}/aws4_request`);
  });

  test('temporary keys bring their token, under the signature', async () => {
    useBedrock({ AWS_SESSION_TOKEN: 'session' });
    await opened.sdk().messages.create(params);
    expect(calls[0]?.headers['x-amz-security-token']).toBe('session');
    expect(calls[0]?.headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-security-token/);
  });

  test('with a Bedrock API key', async () => {
    useBedrock({ ANTHROPIC_API_KEY: 'bedrock-key', AWS_REGION: '', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
    await opened.sdk().messages.create(params);
    expect(calls[0]?.headers.authorization).toBe('Bearer bedrock-key');
  });

  test('a wrong secret: 502, not one of the caller', async () => {
    useBedrock({ AWS_SECRET_ACCESS_KEY: 'wrong' });
    await expect(opened.sdk().messages.create(params)).rejects.toMatchObject({ status: 502 });
  });

  test("the features' own client and the doctor reach it", async () => {
    useBedrock({ MODEL_ANALYSIS: params.model, MODEL_FINDER: params.model, MODEL_PLANNER: params.model });
    const { baseUrl, fetch: send } = claudePlatform(opened.settings);
    await createAnthropic({ apiKey: '', baseUrl, send }).messages.create(params);
    expect(await checkProvider(opened.settings, Date.parse('2026-11-28'))).toMatchObject({ ok: true });
  });

  test('models: 404; a setting that is missing is named', async () => {
    await expect(opened.sdk().models.list()).rejects.toMatchObject({ status: 404, errorCode: 'not_supported' });
    expect(() => useBedrock({ AWS_REGION: '' })).toThrow(/AWS_REGION: is missing; example: us-east-1/);
    expect(() => useBedrock({ AWS_SECRET_ACCESS_KEY: '' })).toThrow(/AWS_SECRET_ACCESS_KEY: is missing/);
  });
});
