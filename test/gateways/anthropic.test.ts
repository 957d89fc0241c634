import Anthropic, { APIUserAbortError } from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startModel } from '../../infra/local/model/src/server.ts';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import { createAnthropic } from '../../shared/model/clients/anthropic.ts';
import { trackContext } from '../../shared/tracking/context.ts';
import { tracked } from '../../shared/tracking/tracked.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { recording, until } from '../support/recording.ts';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { GATEWAY_KEY, gatewaySettings } from './serve.ts';

let opened: AnthropicGateway;

const params = {
  model: 'claude-haiku-5-5',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'Which trail?' }],
};

const sdk = (options: Record<string, unknown> = {}) =>
  new Anthropic({ apiKey: GATEWAY_KEY, baseURL: `${opened.url}/anthropic`, ...options });

beforeAll(async () => {
  opened = await startAnthropicGateway();
});
afterAll(() => opened.close());
beforeEach(() => opened.reset());

describe('every mode of the official SDK', () => {
  const modes: Record<string, (client: Anthropic) => Promise<unknown>> = {
    create: (client) => client.messages.create(params),
    'raw stream': async (client) => {
      const seen = [];
      for await (const event of await client.messages.create({ ...params, stream: true })) seen.push(event.type);
      expect(seen.at(-1)).toBe('message_stop');
    },
    'stream helper': (client) => client.messages.stream(params).finalMessage(),
    'web search': (client) =>
      client.messages
        .stream({
          ...params,
          messages: [{ role: 'user', content: 'Find trails near Moab' }],
          tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }],
        })
        .finalMessage(),
    beta: (client) => client.beta.messages.create(params),
    tools: async (client) => {
      const tools = [{ name: 'height', input_schema: { type: 'object' as const, properties: {} } }];
      const first = await client.messages.create({ ...params, tools });
      const result = [{ role: 'assistant' as const, content: 'So?' }, ...params.messages];
      await client.messages.create({ ...params, tools, messages: [...params.messages, ...result] });
      expect(first.type).toBe('message');
    },
    'raw response': async (client) => {
      const answer = await client.messages.create(params).asResponse();
      expect(JSON.parse(await answer.text())).toMatchObject({ type: 'message' });
    },
    'stream as a raw response': async (client) => {
      const answer = await client.messages.create({ ...params, stream: true }).asResponse();
      expect(await answer.text()).toContain('event: message_stop');
    },
    parse: async (client) => {
      const format = { type: 'json_schema' as const, schema: { type: 'object', properties: {} } };
      // The stand-in's text need not fit the schema: then the SDK throws after the call was made and paid.
      await client.messages.parse({ ...params, output_config: { format } }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(Anthropic.AnthropicError);
      });
    },
    'an error': async (client) => {
      const call = client.messages.create({ ...params, max_tokens: -1 });
      await expect(call).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    },
  };

  /** What of an event describes the call rather than of the time and place. */
  const essence = ({
    units,
    resource,
    requestedResource,
    category,
    outcome,
    httpStatusCode,
    estimatedCost,
  }: UsageEvent) => ({
    units,
    resource,
    requestedResource,
    category,
    outcome,
    httpStatusCode,
    estimatedCost,
  });

  test.each(Object.keys(modes))('%s: the same events as a direct run', async (name) => {
    const mode = modes[name];
    if (!mode) throw new Error(name);
    const direct = recording();
    const middleware = [tracked({ ...direct, clock: systemClock })];
    const alone = await startModel({ apiKey: 'provider-secret' });
    await trackContext({ useCaseName: 'x' }, async () => {
      await mode(createAnthropic({ apiKey: 'provider-secret', baseUrl: alone.url, middleware }));
    });
    await alone.close();
    const viaDoor = await startModel({ apiKey: 'provider-secret' });
    opened.settings = gatewaySettings({ ANTHROPIC_BASE_URL: viaDoor.url });
    await mode(sdk());
    await viaDoor.close();
    expect(opened.record.events.map(essence)).toEqual(direct.events.map(essence));
    expect(opened.record.order).toEqual(direct.order);
  });

  test('the tool runner falls back from threads to the whole history', async () => {
    opened.model.script({
      content: [
        { type: 'tool_use', id: 'toolu_1', name: 'height', input: { place: 'Moab' }, caller: { type: 'direct' } },
      ],
      stopReason: 'tool_use',
    });
    const last = await sdk().beta.messages.toolRunner({
      ...params,
      tools: [
        betaZodTool({
          name: 'height',
          description: 'h',
          inputSchema: z.object({ place: z.string() }),
          run: () => '1 m',
        }),
      ],
    });
    expect(last.stop_reason).toBe('end_turn');
    expect(opened.record.events).toHaveLength(2);
    expect(opened.model.calls()).toHaveLength(2);
    for (const call of opened.model.calls()) expect(call.body).not.toHaveProperty('thread');
  });

  test('count_tokens', async () => {
    await expect(sdk().messages.countTokens(params)).resolves.toMatchObject({ input_tokens: expect.any(Number) });
    expect(opened.record.order).toEqual([]);
  });

  test('abort: the client gets its own error, the call is reported', async () => {
    opened.model.script({ eventDelayMs: 10 });
    const stream = sdk().messages.stream(params);
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(APIUserAbortError);
    await until(() => opened.record.settlements.length === 1);
    expect(opened.record.events).toHaveLength(1);
  });
});

describe('what passes', () => {
  test.each([true, false])('body and answer byte for byte (stream: %s)', async (stream) => {
    const body = `{ "model":"claude-haiku-5-5", "max_tokens" : 50, "stream":${stream},"messages":[{"role":"user","content":"Hi \\u00fc"}],"metadata":{"user_id":"u"} }`;
    const call = (url: string, key: string) =>
      fetch(url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'x-api-key': key,
          'anthropic-version': '2023-06-01',
          'anthropic-beta': 'some-beta-1',
        },
      });
    const alone = await startModel({ apiKey: 'provider-secret', seed: 'same' });
    const direct = await (await call(`${alone.url}/v1/messages`, 'provider-secret')).text();
    await alone.close();
    const behind = await startModel({ apiKey: 'provider-secret', seed: 'same' });
    opened.settings = gatewaySettings({ ANTHROPIC_BASE_URL: behind.url });
    const answer = await call(`${opened.url}/anthropic/v1/messages`, GATEWAY_KEY);
    expect(await answer.text()).toBe(direct);
    const [seen] = behind.calls();
    await behind.close();
    expect(seen?.body).toEqual(JSON.parse(body));
    expect(seen?.headers).toMatchObject({
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'some-beta-1',
      'x-api-key': 'provider-secret',
    });
    expect(JSON.stringify(seen?.headers)).not.toContain(GATEWAY_KEY);
  });

  test('attribution by headers, answered by headers', async () => {
    const { response } = await sdk({
      defaultHeaders: {
        'x-use-case-name': 'guide',
        'x-use-case-id': 'run-7',
        'x-use-case-version': '3',
        'x-use-case-step': 'draft',
        'x-user-id': 'sam',
        'x-account-name': 'acme',
        'x-use-case-properties': '{"region":"utah"}',
        'x-request-properties': '{"try":"1"}',
      },
    })
      .messages.create(params)
      .withResponse();
    expect(opened.record.events[0]).toMatchObject({
      useCase: { name: 'guide', id: 'run-7', version: 3, step: 'draft' },
      userId: 'sam',
      accountName: 'acme',
      useCaseProperties: { region: 'utah' },
      requestProperties: { try: '1' },
    });
    expect(response.headers.get('x-use-case-id')).toBe('run-7');
    expect(response.headers.get('x-limit-state')).toBe('ok');
    expect(Number(response.headers.get('x-request-cost'))).toBeCloseTo(
      (opened.record.events[0]?.estimatedCost ?? 0) / 1e9,
      12,
    );
    const passedOn = Object.keys(opened.model.calls()[0]?.headers ?? {});
    expect(passedOn).toContain('x-api-key');
    expect(passedOn.filter((name) => /^x-(use-case|user|account|request-prop)/.test(name))).toEqual([]);
  });
});

describe('which use cases a caller may name', () => {
  const named = (name: string, options: Record<string, unknown> = {}) =>
    sdk({ ...options, defaultHeaders: { 'x-use-case-name': name } }).messages.create(params);

  test('without a list: any for a key', async () => {
    await named('brand_new');
    expect(opened.record.events.map((event) => event.useCase.name)).toEqual(['brand_new']);
  });

  test('with a list: those, and a text that names the setting', async () => {
    opened.settings = { ...opened.settings, GATEWAY_USE_CASES: ['guide'] };
    await named('guide');
    await expect(named('brand_new')).rejects.toMatchObject({
      status: 400,
      apiMessage: expect.stringContaining('GATEWAY_USE_CASES'),
    });
    expect(opened.model.calls()).toHaveLength(1);
  });
});

describe('errors, as the SDK types them', () => {
  test('a budget refusal: 402, one attempt, nothing sent', async () => {
    opened.record.behaviour.refuse = new TrailmeterError('limit_reached', 'Over budget', {
      status: 402,
      details: { limitId: 'd' },
    });
    const error = await sdk()
      .messages.stream(params)
      .finalMessage()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.PaymentRequiredError);
    expect(error).toMatchObject({ type: 'billing_error', errorCode: 'limit_reached' });
    expect(opened.model.calls()).toHaveLength(0);
  });

  test.each([
    [400, Anthropic.BadRequestError],
    [402, Anthropic.PaymentRequiredError],
    [404, Anthropic.NotFoundError],
    [409, Anthropic.ConflictError],
    [413, Anthropic.ContentTooLargeError],
    [422, Anthropic.UnprocessableEntityError],
    [429, Anthropic.RateLimitError],
    [500, Anthropic.InternalServerError],
    [504, Anthropic.GatewayTimeoutError],
    [529, Anthropic.InternalServerError],
  ])("the provider's %i passes", async (status, type) => {
    opened.model.script({ error: { status } });
    await expect(sdk({ maxRetries: 0 }).messages.create(params)).rejects.toBeInstanceOf(type);
    expect(opened.record.events).toMatchObject([{ httpStatusCode: status, outcome: 'failed' }]);
  });

  test("our own key's refusal does not become the caller's 401", async () => {
    opened.settings = { ...opened.settings, ANTHROPIC_API_KEY: 'expired' };
    await expect(sdk({ maxRetries: 0 }).messages.create(params)).rejects.toMatchObject({ status: 502 });
  });

  test('an unknown credential: 401', async () => {
    await expect(sdk({ apiKey: 'stolen' }).messages.create(params)).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
    expect(opened.model.calls()).toHaveLength(0);
  });

  test('GATEWAY_ANONYMOUS admits nobody here', async () => {
    opened.settings = { ...opened.settings, GATEWAY_ANONYMOUS: true };
    await expect(sdk({ apiKey: 'whatever' }).messages.create(params)).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
    expect(opened.model.calls()).toEqual([]);
  });

  test('provider out of reach: 502 and an event', async () => {
    opened.settings = gatewaySettings({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' });
    await expect(sdk({ maxRetries: 0 }).messages.create(params)).rejects.toMatchObject({ status: 502 });
    expect(opened.record.events).toMatchObject([{ httpStatusCode: 299, outcome: 'failed' }]);
  });

  test('broken off midway: an error event and an end', async () => {
    opened.model.script({ breakAfter: { events: 5, how: 'cut' } });
    await expect(sdk().messages.stream(params).finalMessage()).rejects.toMatchObject({ type: 'api_error' });
    expect(opened.record.events).toMatchObject([{ outcome: 'failed', unitsEstimated: true }]);
  });

  test('an event that is nowhere: 503, not repeated; in a stream an error event', async () => {
    opened.record.behaviour.publish = () => Promise.reject(new Error('both down'));
    await expect(sdk().messages.create(params)).rejects.toMatchObject({ status: 503, errorCode: 'event_not_durable' });
    await expect(sdk().messages.stream(params).finalMessage()).rejects.toMatchObject({
      errorCode: 'event_not_durable',
    });
    expect(opened.model.calls()).toHaveLength(2);
  });

  test.each([
    ['not JSON', '{', {}],
    ['a wrong header', '{}', { 'x-use-case-version': 'two' }],
    ['a thread', '{"thread":{"type":"new"}}', {}],
  ])('%s: 400 in the envelope', async (_name, body, headers) => {
    const answer = await fetch(`${opened.url}/anthropic/v1/messages`, {
      method: 'POST',
      body,
      headers: { 'x-api-key': GATEWAY_KEY, ...headers },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });
});
