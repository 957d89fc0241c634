import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { type OpenAiGateway, startOpenAiGateway } from './openai-gateway.ts';
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { GATEWAY_KEY } from './serve.ts';

let provider: ScriptedProvider;
let anthropic: AnthropicGateway;
let openai: OpenAiGateway;

beforeAll(async () => {
  [provider, anthropic, openai] = await Promise.all([
    startScriptedProvider(),
    startAnthropicGateway(),
    startOpenAiGateway(),
  ]);
});
afterAll(() => Promise.all([anthropic.close(), openai.close(), provider.close()]));
beforeEach(() => {
  anthropic.reset();
  anthropic.settings = { ...anthropic.settings, ANTHROPIC_BASE_URL: provider.url };
  openai.reset({ OPENAI_BASE_URL: `${provider.url}/v1` });
});

const messages = [{ role: 'user', content: 'Which trail?' }];
const doors = {
  messages: {
    post: () => post(`${anthropic.url}/anthropic/v1/messages`, { 'x-api-key': GATEWAY_KEY }, 'claude-haiku-5-5'),
    events: () => anthropic.record.events,
  },
  'chat/completions': {
    post: () => post(`${openai.url}/openai/v1/chat/completions`, { authorization: `Bearer ${GATEWAY_KEY}` }, 'gpt-4.1'),
    events: () => openai.record.events,
  },
};
const all = Object.entries(doors);

async function post(url: string, headers: Record<string, string>, model: string) {
  const body = JSON.stringify({ model, max_tokens: 500, messages });
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()).toString() };
}

/** A whole answer of each API with these counts. */
const answers: Record<string, (input: unknown, output: unknown, more?: object) => object> = {
  messages: (input_tokens, output_tokens, more = {}) => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-5-5',
    content: [{ type: 'text', text: 'The rim road. '.repeat(20) }],
    usage: { input_tokens, output_tokens, ...more },
  }),
  'chat/completions': (prompt_tokens, completion_tokens, more = {}) => ({
    id: 'msg_1',
    model: 'gpt-4.1',
    choices: [{ index: 0, message: { role: 'assistant', content: 'The rim road. '.repeat(20) } }],
    usage: { prompt_tokens, completion_tokens, ...more },
  }),
};
/** Its events as a stream. */
const streams: Record<string, (output?: number) => object[]> = {
  messages: (output = 40) => [
    { type: 'message_start', message: { ...answers['messages']?.(18, 1), content: [] } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'The rim road. '.repeat(20) } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } },
    { type: 'message_stop' },
  ],
  'chat/completions': (output = 40) => [
    { id: 'msg_1', model: 'gpt-4.1', choices: [{ index: 0, delta: { content: 'The rim road. '.repeat(20) } }] },
    { id: 'msg_1', choices: [], usage: { prompt_tokens: 18, completion_tokens: output } },
  ],
};

const asJson = (text: string) => {
  provider.reply = { headers: { 'content-type': 'application/json' }, chunks: [text] };
};
const asStream = (chunks: (string | Uint8Array)[]) => {
  provider.reply = { headers: { 'content-type': 'text/event-stream' }, chunks };
};
const units = { text: { input: 18, output: 40 } };

describe.each(all)('%s: a stream', (name, door) => {
  const data = () => (streams[name]?.() ?? []).map((event) => JSON.stringify(event));
  const last = name === 'messages' ? [] : ['[DONE]'];
  const encoded = (encode: (text: string) => string) => [...data(), ...last].map(encode).join('');

  test.each<[string, (text: string) => string]>([
    ['with LF', (text) => `data: ${text}\n\n`],
    ['with CR only', (text) => `data: ${text}\r\r`],
    ['with CRLF', (text) => `data: ${text}\r\n\r\n`],
    ['without a space behind the colon', (text) => `data:${text}\n\n`],
    ['with comments, ids and retries', (text) => `: keep\nid: 7\nretry: 10\ndata: ${text}\n: more\n\n`],
    ['with its data in several lines', (text) => `data: ${text.replaceAll(',', ',\ndata: ')}\n\n`],
    ['with events that have no data', (text) => `event: ping\n\ndata: ${text}\n\n`],
    ['with fields of other names', (text) => `datum: x\nDATA: y\ndata: ${text}\n\n`],
  ])('%s is read whole, and passed byte for byte', async (_name, encode) => {
    const whole = Buffer.from(encoded(encode));
    // Cut at odd places.
    asStream([whole.subarray(0, 7), whole.subarray(7, 100), whole.subarray(100, 101), whole.subarray(101)]);
    expect(await door.post()).toEqual({ status: 200, bytes: whole.toString() });
    expect(door.events()).toMatchObject([{ outcome: 'succeeded', unitsEstimated: false, units }]);
  });

  test('with a byte order mark', async () => {
    asStream(['\ufeff', encoded((text) => `data: ${text}\n\n`)]);
    await door.post();
    expect(door.events()).toMatchObject([{ unitsEstimated: false, units }]);
  });

  test('with an error after output is charged for what passed', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    const parts = data().slice(0, name === 'messages' ? 3 : 1);
    asStream([...parts, JSON.stringify(error)].map((text) => `data: ${text}\n\n`));
    await door.post();
    const [event] = door.events();
    expect(event).toMatchObject({ outcome: 'failed', unitsEstimated: true });
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual((14 * 20) / 4);
    expect(event?.units['text']?.input).toBeGreaterThanOrEqual(name === 'messages' ? 18 : 4);
  });

  test.each([529, 503])('that %i refuses costs nothing', async (status) => {
    const body = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } });
    provider.reply = { status, headers: { 'content-type': 'application/json' }, chunks: [body] };
    expect(await door.post()).toMatchObject({ status, bytes: body });
    expect(door.events()).toMatchObject([{ outcome: 'failed', httpStatusCode: status, estimatedCost: 0 }]);
  });
});

describe.each(all)('%s: a JSON answer', (name, door) => {
  const answer = (input: unknown, output: unknown, more?: object) => answers[name]?.(input, output, more);
  const text = () => JSON.stringify(answer(18, 40));

  test.each<[string, string, (text: string) => Uint8Array]>([
    ['gzip', 'gzip', gzipSync],
    ['deflate', 'deflate', deflateSync],
    ['brotli', 'br', brotliCompressSync],
  ])('in %s is read and passed', async (_name, encoding, encode) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
    provider.reply = { headers, chunks: [encode(text())] };
    expect(await door.post()).toEqual({ status: 200, bytes: text() });
    expect(door.events()).toMatchObject([{ unitsEstimated: false, units }]);
  });

  test('with a byte order mark', async () => {
    asJson(`\ufeff${text()}`);
    await door.post();
    const [event] = door.events();
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual(40);
  });

  test.each<[string, (text: string) => string]>([
    ['1.8e1 and 4e1', (given) => given.replace(':18', ':1.8e1').replace(':40', ':4e1')],
    ['18.0', (given) => given.replace(':18', ':18.0')],
  ])('%s are whole numbers too', async (_name, change) => {
    asJson(change(text()));
    await door.post();
    expect(door.events()).toMatchObject([{ unitsEstimated: false, units }]);
  });

  test.each<[string, string]>([
    ['2^53 + 1', '9007199254740993'],
    ['1e400', '1e400'],
    ['minus one', '-1'],
    ['a truth', 'true'],
    ['a list', '[40]'],
    ['an object', '{"value":40}'],
  ])('with %s for its output is estimated upward', async (_name, value) => {
    asJson(text().replace(':40', `:${value}`));
    await door.post();
    const [event] = door.events();
    expect(event?.unitsEstimated).toBe(true);
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual((14 * 20) / 4);
  });

  test('with minus zero has an output of zero', async () => {
    asJson(text().replace(':40', ':-0'));
    await door.post();
    const [event] = door.events();
    expect(JSON.stringify(event?.units)).toBe('{"text":{"input":18,"output":0}}');
    expect(event?.estimatedCost).toBeGreaterThan(0);
  });

  test('whose usage stands elsewhere is estimated upward', async () => {
    const { usage, ...rest } = answer(18, 40) as Record<string, unknown>;
    asJson(JSON.stringify({ ...rest, meta: { usage } }));
    await door.post();
    const [event] = door.events();
    expect(event?.unitsEstimated).toBe(true);
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual((14 * 20) / 4);
  });

  test('that says its usage twice is charged for its text', async () => {
    const twice = (first: string, second: string) => text().replace(/("usage":)(\{.*\})\}$/, `$1${first},$1${second}}`);
    const small = JSON.stringify((answer(1, 1) as { usage: unknown }).usage);
    const large = JSON.stringify((answer(18, 400) as { usage: unknown }).usage);
    for (const [first, second] of [
      [small, large],
      [large, small],
    ] as const) {
      asJson(twice(first, second));
      await door.post();
      const event = door.events().at(-1);
      expect(event?.units['text']?.output, `${first} ${second}`).toBeGreaterThanOrEqual((14 * 20) / 4);
    }
  });

  test('that is larger than it may be read is passed, and charged for no less than its text', async () => {
    const long = 'The rim road. '.repeat(600_000);
    asJson(text().replace('The rim road. '.repeat(20), long));
    const { status } = await door.post();
    expect([200, 502]).toContain(status);
    const [event] = door.events();
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual(event?.unitsEstimated ? long.length / 4 : 40);
  });
});

describe('messages: counts of a cache', () => {
  const usageOf = async (more: object) => {
    asJson(JSON.stringify(answers['messages']?.(18, 40, more)));
    await doors.messages.post();
    return doors.messages.events().at(-1);
  };

  test('whose split is more than the total: the total counts', async () => {
    const event = await usageOf({
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_5m_input_tokens: 80, ephemeral_1h_input_tokens: 70 },
    });
    expect(event?.units).toMatchObject({ text_cache_write_1h: { input: 70 }, text_cache_write: { input: 30 } });
  });

  test('whose split is less than the total: the rest is written too', async () => {
    const event = await usageOf({
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 70 },
    });
    expect(event?.units).toMatchObject({ text_cache_write_1h: { input: 70 }, text_cache_write: { input: 30 } });
  });

  test('whose split alone is given is all that was written', async () => {
    const event = await usageOf({ cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 70 } });
    expect(event?.units).toMatchObject({ text_cache_write_1h: { input: 70 }, text_cache_write: { input: 10 } });
  });

  test.each([
    ['a text', '70'],
    ['a fraction', 69.5],
    ['negative', -1],
  ])('whose split is %s is marked, and what is written is not cheaper', async (_name, value) => {
    const event = await usageOf({
      cache_creation_input_tokens: 100,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: value },
    });
    const written = (event?.units['text_cache_write']?.input ?? 0) + (event?.units['text_cache_write_1h']?.input ?? 0);
    expect(written).toBe(100);
    // What may have been written for an hour is priced as such.
    expect(event?.units['text_cache_write_1h']?.input).toBe(100);
  });
});

describe('an error in an answer with status 200', () => {
  const error = { error: { type: 'overloaded_error', message: 'Overloaded', code: null, param: null } };
  test.each([
    ['messages', () => `${anthropic.url}/anthropic/v1/messages`, () => anthropic.record.events],
    ['chat/completions', () => `${openai.url}/openai/v1/chat/completions`, () => openai.record.events],
    ['responses', () => `${openai.url}/openai/v1/responses`, () => openai.record.events],
    ['embeddings', () => `${openai.url}/openai/v1/embeddings`, () => openai.record.events],
  ])('of %s is passed, and is free', async (name, url, events) => {
    const body = name === 'messages' ? { type: 'error', ...error } : error;
    asJson(JSON.stringify(body));
    const model =
      name === 'messages' ? 'claude-haiku-5-5' : name === 'embeddings' ? 'text-embedding-3-small' : 'gpt-4.1';
    const answer = await fetch(url(), {
      method: 'POST',
      body: JSON.stringify({ model, max_tokens: 5, messages, input: 'x' }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${GATEWAY_KEY}` },
    });
    expect([answer.status, await answer.json()]).toEqual([200, body]);
    expect(events()).toMatchObject([{ outcome: 'failed', httpStatusCode: 200, units: {}, estimatedCost: 0 }]);
  });
});
