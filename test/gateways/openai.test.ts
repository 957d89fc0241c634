import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import { until } from '../support/recording.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

let opened: OpenAiGateway;
const messages = [{ role: 'user' as const, content: 'Which trail?' }];
const params = { model: 'gpt-4o', max_completion_tokens: 500, messages };
const parameters = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] };
const tools = [{ type: 'function' as const, function: { name: 'weather', description: 'Weather', parameters } }];

beforeAll(async () => {
  opened = await startOpenAiGateway();
});
afterAll(() => opened.close());
beforeEach(() => opened.reset());

/** What the stand-in would bill for its last call. */
const billed = () => opened.model.calls().at(-1)?.usage as unknown as OpenAI.CompletionUsage;

describe('every mode of the official SDK', () => {
  const modes: Record<string, (client: OpenAI) => Promise<unknown>> = {
    create: (client) => client.chat.completions.create(params),
    stream: async (client) => {
      let text = '';
      for await (const chunk of await client.chat.completions.create({ ...params, stream: true })) {
        expect(chunk).not.toHaveProperty('usage');
        expect(chunk.choices).toHaveLength(1);
        text += chunk.choices[0]?.delta.content ?? '';
      }
      expect(text).toContain('Near');
    },
    'stream with usage': async (client) => {
      const seen = [];
      const stream_options = { include_usage: true };
      const stream = await client.chat.completions.create({ ...params, stream: true, stream_options });
      for await (const chunk of stream) seen.push(chunk);
      expect(seen.at(-1)).toMatchObject({ choices: [], usage: billed() });
    },
    'stream helper': async (client) => {
      const final = await client.chat.completions.stream(params).finalChatCompletion();
      expect(final.choices[0]?.message.content).toContain('Near');
    },
    'two choices': async (client) => {
      const answer = await client.chat.completions.create({ ...params, n: 2 });
      expect(answer.choices).toHaveLength(2);
    },
    'structured output': async (client) => {
      const json_schema = { name: 'trail', schema: parameters };
      const answer = await client.chat.completions.create({
        ...params,
        response_format: { type: 'json_schema', json_schema },
      });
      expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ place: expect.any(String) });
    },
    'an image': async (client) => {
      const image_url = { url: `data:image/png;base64,${'A'.repeat(1_000)}` };
      await client.chat.completions.create({
        ...params,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url },
              { type: 'text', text: 'Where?' },
            ],
          },
        ],
      });
    },
    tools: async (client) => {
      const answer = await client.chat.completions.create({ ...params, tools });
      expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
    },
    'tools in a stream': async (client) => {
      const runner = client.chat.completions.runTools({
        ...params,
        stream: true,
        tools: [
          {
            type: 'function',
            function: { ...tools[0]?.function, parse: JSON.parse, parameters, function: async () => 'Sun' },
          },
        ],
      } as never);
      await (runner as unknown as { finalContent(): Promise<string> }).finalContent();
    },
  };

  test.each(Object.entries(modes))('%s', async (_name, mode) => {
    await mode(opened.sdk());
    const { events, holds, settlements } = opened.record;
    const calls = opened.model.calls();
    expect(events).toHaveLength(calls.length);
    for (const [place, event] of events.entries()) {
      const used = calls[place]?.usage as unknown as OpenAI.CompletionUsage;
      const { text, vision } = event.units;
      expect((text?.input ?? 0) + (vision?.input ?? 0)).toBe(used.prompt_tokens);
      expect(text?.output).toBe(used.completion_tokens);
      expect(event).toMatchObject({
        category: 'system.openai',
        resource: 'gpt-4o',
        outcome: 'succeeded',
        unitsEstimated: false,
        httpStatusCode: 200,
        providerResponseId: calls[place]?.responseId,
        useCase: { name: 'openai_api' },
      });
      expect(settlements[place]?.actualNanoUsd).toBe(BigInt(event.estimatedCost ?? -1));
      expect(holds[place]?.bound.nanoUsd).toBeGreaterThanOrEqual(BigInt(event.estimatedCost ?? 0));
      expect(holds[place]).not.toHaveProperty('unboundedBy');
    }
  });

  test('reasoning is a unit of its own', async () => {
    await opened.sdk().chat.completions.create({ ...params, model: 'gpt-5' });
    const { completion_tokens: output } = billed();
    expect(opened.record.events[0]?.units).toMatchObject({ text: { output: output - 64 }, reasoning: { output: 64 } });
  });

  test('what was read from a cache and written to one is apart', async () => {
    opened.model.script({
      usage: {
        prompt_tokens: 1_000,
        completion_tokens: 10,
        total_tokens: 1_010,
        prompt_tokens_details: { cached_tokens: 600, cache_write_tokens: 300 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    await opened.sdk().chat.completions.create({ ...params, model: 'gpt-6-sol' });
    expect(opened.record.events[0]).toMatchObject({
      units: {
        text: { input: 100, output: 10 },
        text_cache_read: { input: 600, output: 0 },
        text_cache_write: { input: 300, output: 0 },
      },
      // USD per million: 2, 0.2 and 2.5 in, 10 out.
      estimatedCost: 200_000 + 120_000 + 750_000 + 100_000,
    });
  });

  test('reasoning that only the total shows counts as output', async () => {
    opened.model.script({
      usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 500, completion_tokens_details: null },
    });
    await opened.sdk().chat.completions.create(params);
    expect(opened.record.events[0]?.units).toEqual({ text: { input: 100, output: 400 } });
  });
});

describe('embeddings', () => {
  test.each([
    ['a text', 'Which trail?', 3],
    ['texts', ['Which trail?', 'Where?'], 5],
    ['tokens', [1, 2, 3], 3],
    ['lists of tokens', [[1, 2], [3]], 3],
  ])('%s: the input alone is paid for, and is bounded', async (_name, input, tokens) => {
    const model = 'text-embedding-3-large';
    const answer = await opened.sdk().embeddings.create({ model, input } as OpenAI.EmbeddingCreateParams);
    expect(answer.data[0]?.embedding).toHaveLength(8);
    // 0.13 USD per million tokens, in nano-USD.
    expect(opened.record.events).toMatchObject([
      { units: { text: { input: tokens, output: 0 } }, estimatedCost: tokens * 130, unitsEstimated: false },
    ]);
    expect(opened.record.holds[0]?.bound.nanoUsd).toBeGreaterThanOrEqual(BigInt(tokens * 130));
    expect(opened.record.holds[0]).not.toHaveProperty('unboundedBy');
  });

  test("the provider's error passes", async () => {
    const create = opened.sdk().embeddings.create({ model: 'text-embedding-3-small', input: '' });
    await expect(create).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    expect(opened.record.events).toMatchObject([{ httpStatusCode: 400, outcome: 'failed', units: {} }]);
  });
});

describe('which provider', () => {
  const call = async (model: string, settings: Record<string, string>) => {
    opened.reset(settings);
    await opened.sdk().chat.completions.create({ ...params, model });
    return { headers: opened.model.calls()[0]?.headers, event: opened.record.events[0] };
  };
  const base = () => `${opened.model.url}/v1`;

  test('Google for Gemini and xAI for Grok, where they have a key', async () => {
    const keys = { GOOGLE_API_KEY: 'provider-secret', XAI_API_KEY: 'provider-secret' };
    const settings = { ...keys, GOOGLE_BASE_URL: base(), XAI_BASE_URL: base() };
    const { event: gemini } = await call('gemini-2.5-flash', settings);
    expect(gemini).toMatchObject({ category: 'system.google.vertex', resource: 'gemini-2.5-flash' });
    const { event: grok } = await call('grok-4.5', settings);
    expect(grok).toMatchObject({ category: 'xai', resource: 'grok-4.5' });
    const { event: other } = await call('gemini-2.5-flash', {});
    expect(other).toMatchObject({ category: 'system.openai' });
  });

  test('Azure for its deployments, priced as the model behind them', async () => {
    const { event, headers } = await call('trail-chat', {
      AZURE_OPENAI_BASE_URL: `${base()}/`,
      AZURE_OPENAI_API_KEY: 'provider-secret',
      AZURE_OPENAI_DEPLOYMENTS: '{"trail-chat":"gpt-4o"}',
    });
    expect(headers).toMatchObject({ 'api-key': 'provider-secret' });
    expect(headers).not.toHaveProperty('authorization');
    expect(event).toMatchObject({ category: 'system.azureopenai', requestedResource: 'gpt-4o' });
    expect(opened.model.calls()[0]?.body).toMatchObject({ model: 'trail-chat' });
  });

  test('none: 404 that names the setting', async () => {
    opened.reset({ OPENAI_API_KEY: '' });
    await expect(opened.sdk().chat.completions.create(params)).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      message: expect.stringContaining('OPENAI_API_KEY'),
    });
  });
});

describe('headers', () => {
  test('attribute the call, and say what it cost', async () => {
    const defaultHeaders = {
      'x-use-case-name': 'guide',
      'x-use-case-id': 'run-7',
      'x-user-id': 'sam',
      'openai-organization': 'org-of-the-client',
    };
    const { response } = await opened
      .sdk({ apiKey: GATEWAY_KEY, defaultHeaders })
      .chat.completions.create(params)
      .withResponse();
    expect(opened.record.events[0]).toMatchObject({ useCase: { name: 'guide', id: 'run-7' }, userId: 'sam' });
    expect(response.headers.get('x-use-case-id')).toBe('run-7');
    expect(response.headers.get('x-limit-state')).toBe('ok');
    const cost = (opened.record.events[0]?.estimatedCost ?? 0) / 1e9;
    expect(Number(response.headers.get('x-request-cost'))).toBeCloseTo(cost, 12);
    const passedOn = opened.model.calls()[0]?.headers ?? {};
    expect(passedOn['authorization']).toBe('Bearer provider-secret');
    expect(Object.keys(passedOn).filter((name) => /^(x-(use|user|stainless)|openai-)/.test(name))).toEqual([]);
  });

  test('with x-cost-in-stream, a stream ends with a comment that has cost and limit state', async () => {
    const read = async (headers: Record<string, string>) => {
      const answer = await fetch(`${opened.url}/openai/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${GATEWAY_KEY}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ ...params, stream: true }),
      });
      return (await answer.text()).split('\n\n');
    };
    const events = await read({ 'x-cost-in-stream': 'true', 'x-use-case-id': 'run-8' });
    expect(events.at(-3)).toBe('data: [DONE]');
    const comment = JSON.parse(events.at(-2)?.replace(/^: /, '') ?? '');
    expect(comment).toEqual({
      'x-use-case-id': 'run-8',
      'x-limit-state': 'ok',
      'x-request-cost': expect.stringMatching(/^0\.\d+$/),
    });
    expect((await read({})).at(-2)).toBe('data: [DONE]');
  });
});

describe('aborts', () => {
  test('a stream that its client leaves: what passed is paid for, upward', async () => {
    opened.model.script({ text: 'word '.repeat(2_000), eventDelayMs: 1 });
    const stream = await opened
      .sdk()
      .chat.completions.create({ ...params, max_completion_tokens: 5_000, stream: true });
    let seen = 0;
    for await (const _chunk of stream) {
      seen += 1;
      if (seen === 20) break;
    }
    await until(() => opened.record.events.length === 1 && opened.model.calls().length === 1);
    expect(opened.record.events[0]).toMatchObject({ outcome: 'aborted', unitsEstimated: true });
    // At least 18 chunks of 24 characters.
    expect(opened.record.events[0]?.units['text']?.output).toBeGreaterThanOrEqual((18 * 24) / 4);
    expect(opened.record.settlements).toHaveLength(1);
  });

  test('what a model reasoned before its client left is paid for too', async () => {
    opened.model.script({ text: 'word '.repeat(2_000), delayMs: 60, eventDelayMs: 1 });
    const stream = await opened.sdk().chat.completions.create({ ...params, model: 'gpt-5', stream: true });
    for await (const _chunk of stream) break;
    await until(() => opened.record.events.length === 1 && opened.model.calls().length === 1);
    expect(opened.record.events[0]?.units['text']?.output).toBeGreaterThanOrEqual(30);
  });
});

describe('errors, as the SDK types them', () => {
  test('a budget refusal: 402, nothing sent, not repeated', async () => {
    opened.record.behaviour.refuse = new TrailmeterError('limit_reached', 'Over budget', {
      status: 402,
      details: { limitId: 'd' },
    });
    await expect(
      opened.sdk({ apiKey: GATEWAY_KEY, maxRetries: 2 }).chat.completions.create(params),
    ).rejects.toMatchObject({
      status: 402,
      code: 'limit_reached',
      type: 'insufficient_quota',
      error: { details: { limitId: 'd' } },
    });
    expect(opened.model.calls()).toHaveLength(0);
  });

  test.each([
    [400, OpenAI.BadRequestError],
    [404, OpenAI.NotFoundError],
    [409, OpenAI.ConflictError],
    [422, OpenAI.UnprocessableEntityError],
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
    [503, OpenAI.InternalServerError],
  ])("the provider's %i passes", async (status, type) => {
    opened.model.script({ error: { status } });
    await expect(opened.sdk().chat.completions.create(params)).rejects.toBeInstanceOf(type);
    expect(opened.record.events).toMatchObject([{ httpStatusCode: status, outcome: 'failed', units: {} }]);
  });

  test("our own key's refusal does not become the caller's 401", async () => {
    opened.reset({ OPENAI_API_KEY: 'expired' });
    await expect(opened.sdk().chat.completions.create(params)).rejects.toMatchObject({ status: 502 });
  });

  test('an unknown credential: 401', async () => {
    const client = opened.sdk({ apiKey: 'stolen' });
    await expect(client.chat.completions.create(params)).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    expect(opened.model.calls()).toHaveLength(0);
  });

  test('provider out of reach: 502 and an event', async () => {
    opened.reset({ OPENAI_BASE_URL: 'http://127.0.0.1:1' });
    await expect(opened.sdk().chat.completions.create(params)).rejects.toMatchObject({ status: 502 });
    expect(opened.record.events).toMatchObject([{ httpStatusCode: 299, outcome: 'failed' }]);
  });

  test.each(['cut', 'error'] as const)('broken off midway (%s): an error in the stream', async (how) => {
    opened.model.script({ breakAfter: { events: 5, how } });
    const read = async () => {
      for await (const chunk of await opened.sdk().chat.completions.create({ ...params, stream: true }))
        expect(chunk.choices).toHaveLength(1);
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(opened.record.events).toMatchObject([{ outcome: 'failed', unitsEstimated: true }]);
  });

  test('an event that is nowhere: 503, and an error in place of the end of a stream', async () => {
    opened.record.behaviour.publish = () => Promise.reject(new Error('both down'));
    await expect(opened.sdk().chat.completions.create(params)).rejects.toMatchObject({
      status: 503,
      code: 'event_not_durable',
    });
    const read = async () => {
      for await (const _chunk of await opened.sdk().chat.completions.create({ ...params, stream: true }));
    };
    await expect(read()).rejects.toMatchObject({ code: 'event_not_durable' });
  });

  test.each([
    ['not JSON', '{'],
    ['a member twice', '{"model":"gpt-4o","model":"gpt-5"}'],
    ['forged headers', '{"headers":{}}'],
  ])('%s: 400 in the envelope', async (_name, body) => {
    const answer = await fetch(`${opened.url}/openai/v1/chat/completions`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${GATEWAY_KEY}` },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', param: null } });
  });

  test('a member that nothing bounds is named to the gate', async () => {
    const body = { ...params, web_search_options: {} } as OpenAI.ChatCompletionCreateParamsNonStreaming;
    await opened.sdk().chat.completions.create(body);
    expect(opened.record.holds[0]?.unboundedBy).toBe('web_search_options');
  });
});
