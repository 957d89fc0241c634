import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { GATEWAY_KEY } from './serve.ts';

let provider: ScriptedProvider;
let opened: AnthropicGateway;

beforeAll(async () => {
  opened = await startAnthropicGateway();
  provider = await startScriptedProvider();
});
afterAll(async () => {
  await opened.close();
  await provider.close();
});
beforeEach(() => {
  opened.reset();
  opened.settings = { ...opened.settings, ANTHROPIC_BASE_URL: provider.url };
});

const BODY = '{"model":"claude-haiku-5-5","max_tokens":500,"messages":[{"role":"user","content":"Which trail?"}]}';
/** As many tokens as the text below has at least, by the rule for what cannot be read. */
const longText = 'Take the rim road. '.repeat(30);
const textTokens = longText.length / 4;

async function send() {
  const answer = await fetch(`${opened.url}/anthropic/v1/messages`, {
    method: 'POST',
    body: BODY,
    headers: { 'content-type': 'application/json', 'x-api-key': GATEWAY_KEY },
  });
  return { status: answer.status, text: await answer.text() };
}

const counted = () => opened.record.lines.filter(({ event }) => event === 'usage-estimated').length;
const json = (value: unknown) => {
  provider.reply = { headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(value)] };
};
const sse = (events: unknown[], named = true) => {
  const lines = events.map((event) => {
    const { type } = event as { type: string };
    return `${named ? `event: ${type}\n` : ''}data: ${JSON.stringify(event)}\n\n`;
  });
  provider.reply = { headers: { 'content-type': 'text/event-stream' }, chunks: [lines.join('')] };
};

const message = (usage?: unknown, more: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-5-5',
  content: [{ type: 'text', text: longText }],
  ...(usage !== undefined && { usage }),
  ...more,
});
const streamed = (start: unknown, delta: unknown, id = 'msg_1') => [
  { type: 'message_start', message: { ...message(start), id, content: [] } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: longText } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, ...(delta !== undefined && { usage: delta }) },
  { type: 'message_stop' },
];

describe('a stream', () => {
  test('without names of events: the type in the data counts', async () => {
    sse(
      streamed({ output_tokens: 1 }, { input_tokens: 18, output_tokens: 426, cache_read_input_tokens: 8_831 }),
      false,
    );
    await send();
    expect(opened.record.events).toMatchObject([
      {
        outcome: 'succeeded',
        unitsEstimated: false,
        units: { text: { input: 18, output: 426 }, text_cache_read: { input: 8_831 } },
      },
    ]);
    expect(counted()).toBe(0);
  });

  test.each([
    ['without a count', {}],
    ['without a usage', undefined],
    ['with a count that is null', { output_tokens: null }],
    ['with a text as a count', { output_tokens: 'many' }],
  ])('whose last message_delta is %s is estimated from its text', async (_name, delta) => {
    sse(streamed({ input_tokens: 18, output_tokens: 1 }, delta));
    await send();
    const [event] = opened.record.events;
    expect(event).toMatchObject({ unitsEstimated: true, units: { text: { input: 18 } } });
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual(textTokens);
    expect(counted()).toBe(1);
  });

  test('whose text goes on after its last count', async () => {
    const events = streamed({ input_tokens: 18, output_tokens: 1 }, { output_tokens: 2 });
    const [start, open, text, close, delta, stop] = events;
    sse([start, open, delta, text, close, stop]);
    await send();
    expect(opened.record.events[0]?.units['text']?.output).toBeGreaterThanOrEqual(textTokens);
  });

  test.each([false, true])('of two messages, as gateways join them: both count (in chunks: %s)', async (apart) => {
    sse([
      ...streamed({ input_tokens: 18, output_tokens: 1 }, { output_tokens: 200 }),
      ...streamed({ input_tokens: 300, output_tokens: 1 }, { output_tokens: 40 }, 'msg_2'),
    ]);
    if (apart)
      provider.reply.chunks = provider.reply.chunks.flatMap((chunk) => String(chunk).split(/(?=event: message_s)/));
    const { text } = await send();
    expect(text).toBe(provider.reply.chunks.join(''));
    expect(opened.record.events).toMatchObject([
      { providerResponseId: 'msg_1', units: { text: { input: 18, output: 200 } }, unitsEstimated: false },
      { providerResponseId: 'msg_2', units: { text: { input: 300, output: 40 } }, unitsEstimated: false },
    ]);
    const costs = opened.record.events.map(({ estimatedCost }) => BigInt(estimatedCost ?? 0));
    expect(opened.record.settlements).toMatchObject([{ actualNanoUsd: costs.reduce((sum, cost) => sum + cost) }]);
  });

  test('of two messages with one id: two events with two ids', async () => {
    sse([
      ...streamed({ input_tokens: 18, output_tokens: 1 }, { output_tokens: 200 }),
      ...streamed({ input_tokens: 300, output_tokens: 1 }, { output_tokens: 40 }),
    ]);
    await send();
    const ids = opened.record.events.map(({ providerResponseId }) => providerResponseId);
    expect([ids.length, new Set(ids).size, ids.at(-1)]).toEqual([2, 2, 'msg_1']);
  });
});

describe('a JSON answer', () => {
  test.each([
    ['without a usage', undefined],
    ['with a usage of another kind', 7],
    ['with an empty usage', {}],
    ['with texts as counts', { input_tokens: '100', output_tokens: '200' }],
    ['with fractions', { input_tokens: 99.5, output_tokens: 199.5 }],
    ['with negative counts', { input_tokens: -1, output_tokens: -1 }],
    ['with counts that no call reaches', { input_tokens: 1e17, output_tokens: 2 ** 53 }],
  ])('%s is estimated upward and marked', async (_name, usage) => {
    json(message(usage));
    const { status } = await send();
    const [event] = opened.record.events;
    expect([status, event?.unitsEstimated, counted()]).toEqual([200, true, 1]);
    const { input = 0, output = 0 } = event?.units['text'] ?? {};
    expect(input).toBeGreaterThanOrEqual(typeof usage === 'object' && Object.values(usage)[0] === '100' ? 100 : 20);
    expect(output).toBeGreaterThanOrEqual(textTokens);
    expect(output).toBeLessThan(longText.length);
  });

  test('with a cache count that cannot be read', async () => {
    json(
      message({ input_tokens: 5, output_tokens: 7, cache_creation_input_tokens: '40', cache_read_input_tokens: 1.5 }),
    );
    await send();
    const [event] = opened.record.events;
    expect(event?.unitsEstimated).toBe(true);
    expect(event?.units).toMatchObject({ text: { input: 5 } });
    expect(event?.units['text_cache_write']?.input).toBeGreaterThanOrEqual(40);
    expect(event?.units['text_cache_read']?.input).toBeGreaterThanOrEqual(2);
  });

  test('with searches that no count says', async () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
    json(message({ input_tokens: 5 }, { content: [search, search, { type: 'text', text: longText }] }));
    await send();
    expect(opened.record.events[0]?.units).toMatchObject({ web_search_request: { output: 2 } });
  });

  test('that is an error with status 200: passed, failed, free', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' };
    json(error);
    expect(JSON.parse((await send()).text)).toEqual(error);
    expect(opened.record.events).toMatchObject([
      { outcome: 'failed', httpStatusCode: 200, units: {}, estimatedCost: 0 },
    ]);
  });

  test.each([
    ['cut by the connection', true],
    ['cut in a body that ends well', false],
  ])('%s: 502, estimated from what came', async (_name, isCut) => {
    const text = JSON.stringify(message({ input_tokens: 18, output_tokens: 200 }));
    provider.reply = {
      headers: { 'content-type': 'application/json' },
      chunks: [text.slice(0, text.length - 60)],
      isCut,
    };
    const { status, text: answer } = await send();
    expect([status, JSON.parse(answer)]).toMatchObject([502, { type: 'error', error: { type: 'api_error' } }]);
    const [event] = opened.record.events;
    expect(event).toMatchObject({ outcome: 'failed', unitsEstimated: true });
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual(textTokens);
    expect(counted()).toBe(1);
  });

  test('that is a page of another server', async () => {
    provider.reply = { headers: { 'content-type': 'text/html' }, chunks: ['<html>Welcome</html>'] };
    expect(await send()).toEqual({ status: 200, text: '<html>Welcome</html>' });
    expect(opened.record.events).toMatchObject([{ outcome: 'failed', unitsEstimated: true }]);
  });
});

describe('the model that answers', () => {
  const answeredBy = async (model: string) => {
    json(message({ input_tokens: 1_000, output_tokens: 100 }, { model }));
    const answer = await fetch(`${opened.url}/anthropic/v1/messages`, {
      method: 'POST',
      body: BODY,
      headers: { 'content-type': 'application/json', 'x-api-key': GATEWAY_KEY },
    });
    const [event] = opened.record.events;
    const header = answer.headers.get('x-request-cost');
    return { header, resource: event?.resource, cost: event?.estimatedCost, settled: opened.record.settlements[0] };
  };

  test.each(['claude-sonnet-5-5-20260901', 'us.anthropic.claude-sonnet-5-5-v1:0', 'claude-sonnet-5-5@20260901'])(
    '%s has one name and one price everywhere',
    async (model) => {
      const cost = 1_000 * 2_000 + 100 * 10_000;
      expect(await answeredBy(model)).toMatchObject({
        header: String(cost / 1e9),
        resource: 'claude-sonnet-5-5',
        cost,
        settled: { actualNanoUsd: BigInt(cost) },
      });
    },
  );

  test('what changed its price is a property of the event', async () => {
    json(
      message(
        { input_tokens: 1_000, output_tokens: 100, speed: 'fast', inference_geo: 'us' },
        { model: 'claude-fable-5-2' },
      ),
    );
    await send();
    // 1,000 at 8 and 100 at 40 USD a million, doubled, and a tenth more.
    expect(opened.record.events).toMatchObject([
      { estimatedCost: 26_400_000, requestProperties: { price_modifiers: 'fast,us' } },
    ]);
  });

  test('an unknown one has no cost, not that of the model that was asked', async () => {
    expect(await answeredBy('claude-unheard-of')).toMatchObject({
      header: null,
      resource: 'claude-unheard-of',
      cost: null,
      settled: { actualNanoUsd: null },
    });
  });
});
