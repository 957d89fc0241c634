import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import { until } from '../support/recording.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

let opened: OpenAiGateway;
const params = { model: 'gpt-4.1', max_output_tokens: 500, input: 'Which trail?' };
const parameters = {
  type: 'object',
  properties: { place: { type: 'string' } },
  required: ['place'],
  additionalProperties: false,
};

beforeAll(async () => {
  opened = await startOpenAiGateway();
});
afterAll(() => opened.close());
beforeEach(() => opened.reset());

describe('every mode of the official SDK', () => {
  const modes: Record<string, (client: OpenAI) => Promise<unknown>> = {
    create: async (client) => expect((await client.responses.create(params)).output_text).toContain('Near'),
    stream: async (client) => {
      const seen: string[] = [];
      for await (const event of await client.responses.create({ ...params, stream: true })) seen.push(event.type);
      expect([seen[0], seen.at(-1)]).toEqual(['response.created', 'response.completed']);
    },
    'stream helper': async (client) => {
      const final = await client.responses.stream(params).finalResponse();
      expect(final.output_text).toContain('Near');
    },
    items: (client) =>
      client.responses.create({
        ...params,
        instructions: 'Be short.',
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'Where?' }] },
          { role: 'assistant', content: 'In Moab.' },
          { role: 'user', content: 'And then?' },
        ],
      }),
    'structured output': async (client) => {
      const format = { type: 'json_schema' as const, name: 'trail', schema: parameters };
      const answer = await client.responses.create({ ...params, text: { format } });
      expect(JSON.parse(answer.output_text)).toEqual({ place: expect.any(String) });
    },
    'a function, until it has a result': async (client) => {
      const tools = [{ type: 'function' as const, name: 'weather', parameters, strict: true }];
      const first = await client.responses.create({ ...params, tools });
      const [call] = first.output;
      if (call?.type !== 'function_call') throw new Error('No function is called.');
      const result = { type: 'function_call_output' as const, call_id: call.call_id, output: 'Sun' };
      const input = [{ role: 'user' as const, content: 'Which trail?' }, call, result];
      const second = await client.responses.create({ ...params, tools, input });
      expect(second.output_text).toContain('Near');
    },
  };

  test.each(Object.entries(modes))('%s', async (_name, mode) => {
    await mode(opened.sdk());
    const { events, holds } = opened.record;
    const calls = opened.model.calls();
    expect(events).toHaveLength(calls.length);
    for (const [place, event] of events.entries()) {
      const used = calls[place]?.usage as unknown as OpenAI.Responses.ResponseUsage;
      expect(event).toMatchObject({
        resource: 'gpt-4.1',
        units: { text: { input: used.input_tokens, output: used.output_tokens } },
        outcome: 'succeeded',
        unitsEstimated: false,
        providerResponseId: calls[place]?.responseId,
      });
      expect(holds[place]?.bound.nanoUsd).toBeGreaterThanOrEqual(BigInt(event.estimatedCost ?? 0));
      expect(holds[place]).not.toHaveProperty('unboundedBy');
    }
  });

  test('reasoning and the cache are apart', async () => {
    opened.model.script({
      usage: {
        input_tokens: 1_000,
        output_tokens: 100,
        total_tokens: 1_100,
        input_tokens_details: { cached_tokens: 600, cache_write_tokens: 300 },
        output_tokens_details: { reasoning_tokens: 60 },
      },
    });
    await opened.sdk().responses.create({ ...params, model: 'gpt-6-sol' });
    expect(opened.record.events[0]?.units).toEqual({
      text: { input: 100, output: 40 },
      reasoning: { input: 0, output: 60 },
      text_cache_read: { input: 600, output: 0 },
      text_cache_write: { input: 300, output: 0 },
    });
  });

  test('an answer that is cut at its maximum is paid for like any other', async () => {
    const seen: string[] = [];
    for await (const event of await opened.sdk().responses.create({ ...params, max_output_tokens: 16, stream: true }))
      seen.push(event.type);
    expect(seen.at(-1)).toBe('response.incomplete');
    expect(opened.record.events).toMatchObject([{ outcome: 'succeeded', units: { text: { output: 16 } } }]);
  });
});

describe('errors', () => {
  test.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: 'conv_1' }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['background', { background: true }],
  ])('%s is refused: what it costs is not in the request', async (name, more) => {
    await expect(opened.sdk().responses.create({ ...params, ...more })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(name),
    });
    expect(opened.model.calls()).toEqual([]);
  });

  test.each([
    ['tools type web_search', { tools: [{ type: 'web_search' as const }] }],
    ['input type item_reference', { input: [{ type: 'item_reference' as const, id: 'msg_1' }] }],
  ])('%s is named to the gate', async (name, more) => {
    await opened
      .sdk()
      .responses.create({ ...params, ...more })
      .catch(() => undefined);
    expect(opened.record.holds[0]?.unboundedBy?.replace('.', ' ')).toBe(name);
  });

  test('a budget refusal: 402, nothing sent', async () => {
    opened.record.behaviour.refuse = new TrailmeterError('limit_reached', 'Over budget', { status: 402 });
    const client = opened.sdk({ apiKey: GATEWAY_KEY, maxRetries: 2 });
    await expect(client.responses.create(params)).rejects.toMatchObject({ status: 402, code: 'limit_reached' });
    expect(opened.model.calls()).toHaveLength(0);
  });

  test.each(['cut', 'error'] as const)('broken off midway (%s): an error in the stream', async (how) => {
    opened.model.script({ breakAfter: { events: 6, how } });
    const read = async () => {
      const seen: string[] = [];
      for await (const event of await opened.sdk().responses.create({ ...params, stream: true })) seen.push(event.type);
      if (seen.at(-1) === 'error') throw new OpenAI.APIError(undefined, undefined, 'as an event', undefined);
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(opened.record.events).toMatchObject([{ outcome: 'failed', unitsEstimated: true }]);
  });

  test('an event that is nowhere: an error in place of the last event', async () => {
    opened.record.behaviour.publish = () => Promise.reject(new Error('both down'));
    const read = async () => {
      for await (const event of await opened.sdk().responses.create({ ...params, stream: true }))
        expect(event.type).not.toBe('response.completed');
    };
    await expect(read()).rejects.toMatchObject({ code: 'event_not_durable' });
  });

  test('a client that leaves pays for what passed', async () => {
    opened.model.script({ text: 'word '.repeat(2_000), eventDelayMs: 1 });
    const stream = await opened.sdk().responses.create({ ...params, max_output_tokens: 5_000, stream: true });
    let seen = 0;
    for await (const _event of stream) {
      seen += 1;
      if (seen === 20) break;
    }
    await until(() => opened.record.events.length === 1 && opened.model.calls().length === 1);
    expect(opened.record.events[0]).toMatchObject({ outcome: 'aborted', unitsEstimated: true });
    // At least 15 pieces of 24 characters.
    expect(opened.record.events[0]?.units['text']?.output).toBeGreaterThanOrEqual((15 * 24) / 4);
  });
});
