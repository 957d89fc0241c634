import { setTimeout } from 'node:timers/promises';
import Anthropic, { APIConnectionTimeoutError, APIUserAbortError, RateLimitError } from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import { createAnthropic } from '../../shared/model/clients/anthropic.ts';
import { trackContext } from '../../shared/tracking/context.ts';
import { type TrackedOptions, tracked } from '../../shared/tracking/tracked.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { recording, until } from '../support/recording.ts';

let model: ModelStandIn;
let record: ReturnType<typeof recording>;
let client: Anthropic;

const params = {
  model: 'claude-haiku-5-5',
  max_tokens: 500,
  messages: [{ role: 'user' as const, content: 'Which trail?' }],
};

function clientOf(
  options: Partial<TrackedOptions> = {},
  clientOptions: { timeoutMs?: number; maxRetries?: number } = {},
) {
  const middleware = [tracked({ ...record, clock: systemClock, ...options, ...clientOptions })];
  return createAnthropic({ apiKey: 'local', baseUrl: model.url, middleware, ...clientOptions });
}

beforeAll(async () => {
  model = await startModel();
});
afterAll(() => model.close());
beforeEach(() => {
  model.reset();
  record = recording();
  client = clientOf();
});

const onlyEvent = () => {
  expect(record.events).toHaveLength(1);
  const [event] = record.events;
  if (!event) throw new Error('no event');
  return event;
};

describe('a call that succeeds', () => {
  test('create: held, published, settled, reported, in this order', async () => {
    const { message, context } = await trackContext(
      {
        useCaseName: 'trail_finder',
        useCaseVersion: 2,
        useCaseStep: 'search',
        userId: 'sam',
        accountName: 'acme',
        requestProperties: { a: '1' },
        useCaseProperties: { b: '2' },
        limitIds: ['own'],
      },
      async (context) => ({ message: await client.messages.create(params), context }),
    );
    const event = onlyEvent();
    expect(record.order).toEqual(['hold', 'event', 'settle']);
    expect(event).toMatchObject({
      category: 'system.anthropic',
      resource: message.model,
      requestedResource: 'claude-haiku-5-5',
      outcome: 'succeeded',
      httpStatusCode: 200,
      attempt: 1,
      providerUri: model.url,
      providerResponseId: message.id,
      useCase: { name: 'trail_finder', version: 2, step: 'search', id: context.useCase?.id },
      userId: 'sam',
      accountName: 'acme',
      requestProperties: { a: '1' },
      useCaseProperties: { b: '2' },
      limitIds: ['own', 'daily-budget:2026-11-23'],
      holdIds: ['hold-1'],
      unitsEstimated: false,
      units: { text: { input: message.usage.input_tokens, output: message.usage.output_tokens } },
    });
    expect(event.estimatedCost).toBe(message.usage.input_tokens * 100 + message.usage.output_tokens * 500);
    expect(record.settlements).toEqual([
      { holdId: 'hold-1', actualNanoUsd: BigInt(event.estimatedCost ?? -1), outcome: 'succeeded' },
    ]);
    const { input_tokens: input, output_tokens: output } = message.usage;
    expect(record.uses).toEqual([
      {
        nanoUsd: BigInt(event.estimatedCost ?? -1),
        inputTokens: BigInt(input),
        outputTokens: BigInt(output),
        requests: 1n,
        images: 0n,
        webSearches: 0n,
      },
    ]);
    const bound = record.holds[0]?.bound;
    expect([bound?.inputTokens, bound?.requests, bound?.images]).toEqual([expect.any(BigInt), 1n, 0n]);
    expect(bound?.inputTokens).toBeGreaterThanOrEqual(BigInt(input));
    expect(bound?.outputTokens).toBe(BigInt(params.max_tokens));
    expect(context.calls).toMatchObject([{ eventId: event.eventId, outcome: 'succeeded', model: message.model }]);
  });

  test.each(['stream', 'helper'] as const)('%s: the same units as the answer says', async (mode) => {
    const units =
      mode === 'helper'
        ? (await client.messages.stream(params).finalMessage()).usage.output_tokens
        : await outputOf(await client.messages.create({ ...params, stream: true }));
    const event = onlyEvent();
    expect(event.outcome).toBe('succeeded');
    expect(event.units['text']?.output).toBe(units);
    expect(event.timeToFirstTokenMs).toBeGreaterThanOrEqual(0);
    expect(record.order).toEqual(['hold', 'event', 'settle']);
  });

  test('web search: searches are units, the hold is learned', async () => {
    const message = await client.messages
      .stream({
        ...params,
        messages: [{ role: 'user', content: 'Find trails near Moab' }],
        tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }],
      })
      .finalMessage();
    const event = onlyEvent();
    expect(event.units['web_search_request']).toEqual({ output: message.usage.server_tool_use?.web_search_requests });
    expect(record.holds[0]?.serverTools).toMatchObject({ kind: 'claude-haiku-5-5:web_search', isStream: true });
  });

  test('a tool loop: one event a turn, all of one instance', async () => {
    model.script({
      content: [
        { type: 'tool_use', id: 'toolu_1', name: 'elevation', input: { place: 'Moab' }, caller: { type: 'direct' } },
      ],
      stopReason: 'tool_use',
    });
    await trackContext(
      { useCaseName: 'trail_planner' },
      async () =>
        await client.beta.messages.toolRunner({
          ...params,
          tools: [
            betaZodTool({
              name: 'elevation',
              description: 'Elevation of a place',
              inputSchema: z.object({ place: z.string() }),
              run: () => '1,227 m',
            }),
          ],
        }),
    );
    // The runner asks for a thread of the server's first; where that is refused, the refused attempt is an event too.
    expect(record.events.filter((event) => event.outcome === 'succeeded')).toHaveLength(2);
    expect(new Set(record.events.map((event) => event.useCase.id)).size).toBe(1);
    expect(record.settlements).toHaveLength(record.events.length);
  });

  test('count_tokens passes unmetered', async () => {
    await expect(client.messages.countTokens(params)).resolves.toMatchObject({ input_tokens: expect.any(Number) });
    expect(record.order).toEqual([]);
  });

  test.each(['/v1/oauth/token', '/v1/messages/batches', '/v1/models'])('%s passes unmetered', async (path) => {
    const answer = new Response('{}');
    const request = { url: model.url + path, method: 'POST', headers: new Headers(), body: '{}' };
    // Exchanges of tokens come without the options of a call.
    const options = path.includes('oauth') ? undefined : { method: 'post' as const, path };
    const middleware = tracked({ ...record, clock: systemClock });
    await expect(middleware(request, async () => answer, { options } as never)).resolves.toBe(answer);
    expect(record.order).toEqual([]);
  });

  test('the exact bound is what the provider counts, never more than the cheap one', async () => {
    await client.messages.create(params);
    const request = record.holds[0];
    const exact = (await request?.exactBound?.())?.nanoUsd;
    expect(exact).toBeGreaterThan(0n);
    expect(exact).toBeLessThan(request?.bound.nanoUsd ?? 0n);
  });

  test('no exact bound is asked for where a count would miss a part', async () => {
    await client.beta.messages
      .create({ ...params, fallbacks: [{ model: 'claude-sonnet-5-5' }] })
      .catch(() => undefined);
    expect(record.holds).toHaveLength(1);
    expect(record.holds[0]).not.toHaveProperty('exactBound');
  });

  const modes: Record<string, () => Promise<unknown>> = {
    create: () => client.messages.create(params),
    stream: () => client.messages.stream(params).finalMessage(),
  };

  test.each(Object.keys(modes))('every kind of token and search is a unit of its own (%s)', async (mode) => {
    const cache = { ephemeral_5m_input_tokens: 60, ephemeral_1h_input_tokens: 40 };
    const counts = { input_tokens: 10, cache_creation_input_tokens: 100, cache_read_input_tokens: 7 };
    model.script({ usage: { ...counts, cache_creation: cache, server_tool_use: { web_search_requests: 2 } } });
    await modes[mode]?.();
    expect(onlyEvent().units).toMatchObject({
      text: { input: 10 },
      text_cache_write: { input: 60, output: 0 },
      text_cache_write_1h: { input: 40, output: 0 },
      text_cache_read: { input: 7, output: 0 },
      web_search_request: { output: 2 },
    });
    expect(onlyEvent().estimatedCost).toBeGreaterThanOrEqual(20_000_000);
  });

  test.each(Object.keys(modes))(
    'from 200,000 tokens of prompt on they are those of a large context (%s)',
    async (mode) => {
      model.script({ usage: { input_tokens: 150_000, cache_read_input_tokens: 50_000 } });
      await modes[mode]?.();
      expect(Object.keys(onlyEvent().units).sort()).toEqual(['text_cache_read_large_context', 'text_large_context']);
    },
  );

  test('an image is vision', async () => {
    const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
    const image = {
      type: 'image' as const,
      source: { type: 'base64' as const, media_type: 'image/png' as const, data },
    };
    model.script({ usage: { input_tokens: 5_000 } });
    await client.messages.create({ ...params, messages: [{ role: 'user', content: [image] }] });
    const { text, vision } = onlyEvent().units;
    expect(vision?.input).toBeGreaterThan(4_000);
    expect((text?.input ?? 0) + (vision?.input ?? 0)).toBe(5_000);
  });

  test.each(Object.keys(modes))('models that declined or advised are events of their own (%s)', async (mode) => {
    const counts = {
      output_tokens: 10,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation: null,
    };
    const iterations = [
      { type: 'message', model: 'claude-haiku-5-5', input_tokens: 1_000, ...counts },
      { type: 'advisor_message', model: 'claude-opus-5-5', input_tokens: 2_000, ...counts },
      { type: 'message', model: 'claude-sonnet-5-5', input_tokens: 100, ...counts },
      { type: 'fallback_message', model: 'claude-sonnet-5-5', input_tokens: 3_000, ...counts },
    ];
    model.script({ usage: { input_tokens: 3_100, output_tokens: 20, iterations } });
    const calls = await trackContext({ useCaseName: 'trail_finder' }, async (context) => {
      await modes[mode]?.();
      return context.calls;
    });
    const told = record.events.map(({ resource, units, useCase }) => [resource, units['text'], useCase.name]);
    expect(told).toEqual([
      ['claude-opus-5-5', { input: 2_000, output: 10 }, 'trail_finder'],
      ['claude-haiku-5-5', { input: 1_000, output: 10 }, 'trail_finder'],
      ['claude-sonnet-5-5', { input: 3_100, output: 20 }, 'trail_finder'],
    ]);
    expect(new Set(record.events.map((event) => event.providerResponseId)).size).toBe(3);
    const cost = 2_000n * 4_000n + 10n * 20_000n + 1_000n * 100n + 10n * 500n + 3_100n * 2_000n + 20n * 10_000n;
    expect(record.settlements).toMatchObject([{ actualNanoUsd: cost }]);
    expect(calls.at(-1)?.model).toBe('claude-sonnet-5-5');
  });

  test('a call without a price is settled as unknown', async () => {
    model.script({ usage: { speed: 'fast' } });
    await client.messages.create(params);
    expect(onlyEvent()).toMatchObject({ outcome: 'succeeded', estimatedCost: null });
    expect(record.settlements).toEqual([{ holdId: 'hold-1', actualNanoUsd: null, outcome: 'succeeded' }]);
  });

  test('an answer by an unknown name has no cost, not that of the requested model', async () => {
    await client.messages.create(params);
    model.script({ model: 'claude-unheard-of' });
    await client.messages.create(params);
    const [usual, own] = record.events;
    expect(own).toMatchObject({ resource: 'claude-unheard-of', requestedResource: params.model });
    expect(own?.units).toEqual(usual?.units);
    expect([usual?.estimatedCost, own?.estimatedCost]).toEqual([expect.any(Number), null]);
  });
});

describe('a call that fails', () => {
  test('an error with a status is an event without units', async () => {
    model.script({ error: { status: 400, message: 'no' } });
    await expect(client.messages.create(params)).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    expect(onlyEvent()).toMatchObject({ httpStatusCode: 400, outcome: 'failed', units: {}, estimatedCost: 0 });
    expect(onlyEvent().providerResponseId).toMatch(/^req_/);
    expect(record.settlements).toEqual([{ holdId: 'hold-1', actualNanoUsd: 0n, outcome: 'failed' }]);
  });

  test('each attempt that the SDK repeats is an event; the hold stays for the whole call', async () => {
    model.script({ error: { status: 529 }, headers: { 'retry-after-ms': '1' }, times: 2 });
    await client.messages.create(params);
    expect(record.events.map(({ attempt, httpStatusCode }) => [attempt, httpStatusCode])).toEqual([
      [1, 529],
      [2, 529],
      [3, 200],
    ]);
    expect(record.order).toEqual(['hold', 'event', 'event', 'event', 'settle']);
  });

  test('the last repetition settles the hold', async () => {
    model.script({ error: { status: 429 }, headers: { 'retry-after-ms': '1' }, times: 3 });
    await expect(client.messages.create(params)).rejects.toBeInstanceOf(RateLimitError);
    expect(record.order).toEqual(['hold', 'event', 'event', 'event', 'settle']);
  });

  test('a long pause that the provider asks for is not slept through', async () => {
    model.script({ error: { status: 429 }, headers: { 'retry-after': '3600' } });
    const error = await client.messages.create(params).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect((error as RateLimitError).headers.get('retry-after')).toBe('3600');
    expect(record.order).toEqual(['hold', 'event', 'settle']);
  });

  test('a network error has status 299', async () => {
    const lost = createAnthropic({
      apiKey: 'local',
      baseUrl: 'http://127.0.0.1:1',
      maxRetries: 0,
      middleware: [tracked({ ...record, clock: systemClock, maxRetries: 0 })],
    });
    await expect(lost.messages.create(params)).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
    expect(onlyEvent()).toMatchObject({ httpStatusCode: 299, outcome: 'failed', units: {} });
    expect(onlyEvent().providerResponseId).toBe(`trailmeter-${onlyEvent().eventId}`);
    expect(record.settlements).toHaveLength(1);
  });

  test('a time-out is a failure, an abort is not', async () => {
    model.script({ delayMs: 2_000, times: 2 });
    const hasty = clientOf({}, { timeoutMs: 20, maxRetries: 0 });
    await expect(hasty.messages.create(params)).rejects.toBeInstanceOf(APIConnectionTimeoutError);
    const controller = new AbortController();
    const call = client.messages.create(params, { signal: controller.signal });
    await until(() => record.holds.length === 2);
    await setTimeout(50);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(APIUserAbortError);
    expect(record.events.map(({ outcome, httpStatusCode }) => [outcome, httpStatusCode])).toEqual([
      ['failed', 299],
      ['aborted', 299],
    ]);
    expect(record.settlements).toHaveLength(2);
  });

  test('a refusal of the gate reaches the caller as it is; nothing is sent', async () => {
    record.behaviour.refuse = new TrailmeterError('limit_reached', 'Over budget', { status: 402 });
    await expect(client.messages.create(params)).rejects.toBe(record.behaviour.refuse);
    expect(model.calls()).toHaveLength(0);
    expect(record.order).toEqual([]);
  });
});

describe('a stream that does not come to its end', () => {
  test('abort in mid-stream: what came is estimated', async () => {
    model.script({ eventDelayMs: 20, text: 'A long way up. '.repeat(50) });
    const stream = client.messages.stream(params);
    stream.on('text', () => stream.abort());
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(APIUserAbortError);
    await until(() => record.settlements.length === 1);
    expect(onlyEvent()).toMatchObject({ outcome: 'aborted', unitsEstimated: true, httpStatusCode: 200 });
    expect(onlyEvent().units['text']?.input).toBeGreaterThan(0);
    expect(onlyEvent().units['text']?.output).toBeGreaterThan(1);
  });

  test('break', async () => {
    model.script({ eventDelayMs: 20 });
    for await (const event of await client.messages.create({ ...params, stream: true }))
      if (event.type === 'content_block_delta') break;
    await until(() => record.settlements.length === 1);
    expect(onlyEvent()).toMatchObject({ outcome: 'aborted', unitsEstimated: true });
  });

  test.each(['cut', 'end', 'error'] as const)('%s midway', async (how) => {
    model.script({ breakAfter: { events: 6, how } });
    await expect(client.messages.stream(params).finalMessage()).rejects.toThrow();
    await until(() => record.settlements.length === 1);
    expect(onlyEvent()).toMatchObject({ outcome: 'failed', unitsEstimated: true, httpStatusCode: 200 });
    expect(onlyEvent().providerResponseId).toMatch(/^msg_/);
  });

  test('silence: the call is ended', async () => {
    model.script({ breakAfter: { events: 4, how: 'stall' } });
    const impatient = clientOf({ idleMs: 30 });
    await expect(impatient.messages.stream(params).finalMessage()).rejects.toThrow(/stood still/);
    expect(onlyEvent()).toMatchObject({ outcome: 'failed', unitsEstimated: true });
    expect(record.settlements).toHaveLength(1);
  });

  test('nobody reads: reported all the same', async () => {
    await clientOf({ idleMs: 30 }).messages.create({ ...params, stream: true });
    await until(() => record.settlements.length === 1);
    expect(onlyEvent().outcome).toBe('failed');
  });
});

describe('durable before answered (D1)', () => {
  test.each(['create', 'stream'] as const)('%s: the end does not come before the event is durable', async (mode) => {
    let release = () => {};
    record.behaviour.publish = () => new Promise((resolve) => (release = resolve));
    let ended = false;
    const call = (
      mode === 'create' ? client.messages.create(params) : client.messages.stream(params).finalMessage()
    ).then(() => (ended = true));
    await until(() => model.calls().length === 1);
    await setTimeout(30);
    expect(ended).toBe(false);
    release();
    await call;
    expect(record.events).toHaveLength(1);
  });

  test('text passes while its event waits', async () => {
    record.behaviour.publish = () => new Promise(() => {});
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of await client.messages.create({ ...params, stream: true })) seen.push(event.type);
    })();
    await until(() => seen.includes('message_delta'));
    expect(seen).not.toContain('message_stop');
    void reading;
  });

  test.each(['create', 'stream'] as const)('%s: an event that is nowhere withholds the answer', async (mode) => {
    record.behaviour.publish = async () => {
      throw new Error('Request timed out', { cause: new DOMException('The operation was aborted', 'AbortError') });
    };
    const call = mode === 'create' ? client.messages.create(params) : client.messages.stream(params).finalMessage();
    const error = await call.catch((thrown: unknown) => thrown as Error & { code?: string });
    const own = error instanceof TrailmeterError ? error : (error as Error).cause;
    expect(own).toMatchObject({ code: 'event_not_durable', status: 503 });
    expect(model.calls()).toHaveLength(1);
    expect(record.settlements).toHaveLength(1);
    expect(record.settlements[0]?.actualNanoUsd).toBeGreaterThan(0n);
  });
});

async function outputOf(stream: AsyncIterable<Anthropic.RawMessageStreamEvent>): Promise<number> {
  let output = 0;
  for await (const event of stream) if (event.type === 'message_delta') output = event.usage.output_tokens;
  return output;
}
