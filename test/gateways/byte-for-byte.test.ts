import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AnthropicGateway, startAnthropicGateway } from './anthropic-gateway.ts';
import { type Reply, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';
import { GATEWAY_KEY } from './serve.ts';

let provider: ScriptedProvider;
let door: AnthropicGateway;

beforeAll(async () => {
  door = await startAnthropicGateway();
  provider = await startScriptedProvider();
});
afterAll(async () => {
  await door.close();
  await provider.close();
});
beforeEach(() => {
  door.reset();
  provider.asked = [];
  door.settings = { ...door.settings, ANTHROPIC_BASE_URL: provider.url };
});

const send = (body: string | Uint8Array<ArrayBuffer>, path = 'messages', headers: Record<string, string> = {}) =>
  fetch(`${door.url}/anthropic/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': GATEWAY_KEY, ...headers },
    body,
  });

const json = { 'content-type': 'application/json' };
const MESSAGE =
  '{ "id":"msg_1","type":"message","model":"claude-haiku-5-5","brand_new":[1e2, "\\u00fc"],\n"usage":{"input_tokens":3,"output_tokens":4,"new_kind_of_tokens":5}}';
const REQUEST =
  '{ "model" : "claude-haiku-5-5","max_tokens":10,"future_field":{"a":[1.0,-0,1e3]},"messages":[{"role":"user","content":[{"type":"block_of_2027","x":"\\ud83d\\ude00 ü"}]}]}  \n';

test('a request passes as it came, fields that nobody knows too; so does its answer', async () => {
  provider.reply = { headers: json, chunks: [MESSAGE] };
  const answer = await send(REQUEST, 'messages?beta=true&later=1', { 'anthropic-beta': 'one,two-2027' });
  expect(await answer.text()).toBe(MESSAGE);
  expect(provider.asked[0]?.body.toString()).toBe(REQUEST);
  expect(provider.asked[0]?.url).toBe('/v1/messages?beta=true&later=1');
  expect(provider.asked[0]?.headers['anthropic-beta']).toBe('one,two-2027');
  expect(door.record.events).toMatchObject([{ units: { text: { input: 3, output: 4 } } }]);
});

test('so does a large request, which a thread reads', async () => {
  provider.reply = { headers: json, chunks: [MESSAGE] };
  const large = REQUEST.replace('ü', 'ü'.repeat(400_000));
  expect(await (await send(large)).text()).toBe(MESSAGE);
  expect(provider.asked[0]?.headers['content-length']).toBe(String(Buffer.byteLength(large)));
  expect(provider.asked[0]?.body.equals(Buffer.from(large))).toBe(true);
  expect((await send(large.replace('{', '{"model":1,'))).status).toBe(400);
  expect(provider.asked).toHaveLength(1);
});

test('a stream passes as it comes: kinds of events and deltas that nobody knows, comments, any line ends', async () => {
  const start = `{"type":"message_start","message":${MESSAGE.replace('\n', '')}}`;
  const stream = [
    `event: message_start\r\ndata: ${start}\r\n\r\n`,
    ': a comment\n\nevent: thought_of_2027\nid: 7\nretry: 10\ndata: {"a":1}\n\n',
    'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"smell_delta","smell":"ü"}}\n\n',
    'data: without a name\n\nevent: message_delta\ndata: {"type":"message_delta",\ndata: "usage":{"output_tokens":40}}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"}\n\nevent: after_the_end\ndata: {}\n\n',
  ].join('');
  const bytes = Buffer.from(stream);
  // Cut anywhere, in the middle of a character too.
  const chunks = Array.from({ length: Math.ceil(bytes.length / 17) }, (_, at) => bytes.subarray(at * 17, at * 17 + 17));
  provider.reply = { headers: { 'content-type': 'text/event-stream; charset=utf-8' }, chunks };
  const answer = await send(REQUEST);
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  expect(door.record.events).toMatchObject([{ outcome: 'succeeded', units: { text: { input: 3, output: 40 } } }]);
});

test('a stream tells its instance and the state of its limits, but no cost', async () => {
  provider.reply = { headers: { 'content-type': 'text/event-stream' }, chunks: ['event: message_stop\ndata: {}\n\n'] };
  const { headers } = await send(REQUEST);
  expect(headers.get('x-use-case-id')).toBe(door.record.events[0]?.useCase.id);
  expect([headers.get('x-limit-state'), headers.get('x-request-cost')]).toEqual(['ok', null]);
});

test('headers that SDKs read pass, those of the connection do not', async () => {
  provider.reply = {
    headers: {
      ...json,
      'request-id': 'req_1',
      'anthropic-ratelimit-requests-remaining': '7',
      'anthropic-workspace-id': 'w',
      'anthropic-organization-id': 'o',
      'content-encoding': 'gzip',
      'set-cookie': 'a=b',
      server: 'provider',
      via: '1.1 x',
    },
    chunks: [gzipSync(MESSAGE)],
  };
  const { headers, ...answer } = await send(REQUEST).then(async (got) => ({
    headers: got.headers,
    text: await got.text(),
  }));
  expect(answer.text).toBe(MESSAGE);
  expect(headers.get('request-id')).toBe('req_1');
  const ours = ['anthropic-ratelimit-requests-remaining', 'anthropic-workspace-id', 'anthropic-organization-id'];
  for (const name of ['content-encoding', 'set-cookie', 'server', 'via', ...ours])
    expect([name, headers.get(name)]).toEqual([name, null]);
});

test('headers that choose an account do not reach the provider', async () => {
  provider.reply = { headers: json, chunks: [MESSAGE] };
  const account = { 'anthropic-workspace-id': 'w', 'anthropic-user-profile-id': 'u', 'anthropic-brand-new': 'x' };
  await send(REQUEST, 'messages', { ...account, 'anthropic-version': '2026-10-21', 'anthropic-beta': 'b' });
  const names = Object.keys(provider.asked[0]?.headers ?? {}).filter((name) => name.startsWith('anthropic-'));
  expect(names.sort()).toEqual(['anthropic-beta', 'anthropic-version']);
});

test.each<[string, Reply]>([
  [
    'a rate limit with its pause',
    {
      status: 429,
      headers: { ...json, 'retry-after': '17', 'retry-after-ms': '17000', 'x-should-retry': 'true' },
      chunks: ['{"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"new"}}}'],
    },
  ],
  ['an error page', { status: 502, headers: { 'content-type': 'text/html' }, chunks: ['<html>Bad gateway</html>'] }],
  ['an error without a body', { status: 503, headers: {}, chunks: [] }],
  ['a status that nobody knows', { status: 499, headers: json, chunks: ['{"type":"error"}'] }],
])('%s passes', async (_name, given) => {
  provider.reply = given;
  const answer = await send(REQUEST);
  expect([answer.status, await answer.text()]).toEqual([given.status, given.chunks.join('')]);
  for (const [name, value] of Object.entries(given.headers)) expect(answer.headers.get(name)).toBe(value);
  expect(door.record.events).toMatchObject([{ httpStatusCode: given.status, outcome: 'failed', units: {} }]);
  expect(provider.asked).toHaveLength(1);
});

test.each(['-5', '0.5', '1e999', '99999999999999999999', 'two', ''])(
  'a malformed retry count (%s) makes no event that nobody can read',
  async (count) => {
    provider.reply = { headers: json, chunks: [MESSAGE] };
    expect((await send(REQUEST, 'messages', { 'x-stainless-retry-count': count })).status).toBe(200);
    expect(door.record.events).toMatchObject([{ attempt: 1 }]);
  },
);

test('nor does a status that HTTP has not', async () => {
  provider.reply = { status: 999, headers: json, chunks: ['{}'] };
  expect((await send(REQUEST)).status).toBe(999);
  expect(door.record.events).toMatchObject([{ httpStatusCode: 299, outcome: 'failed' }]);
});

test('a cost of less than a millionth of a dollar is plain decimals in its header', async () => {
  provider.reply = {
    headers: json,
    chunks: [MESSAGE.replace('"input_tokens":3,"output_tokens":4', '"input_tokens":7,"output_tokens":0')],
  };
  const { headers } = await send(REQUEST);
  expect(headers.get('x-request-cost')).toBe('0.0000007');
});

test('counting tokens passes the same way, and is not metered', async () => {
  provider.reply = { headers: { ...json, 'request-id': 'req_2' }, chunks: ['{"input_tokens": 7, "new": 1}'] };
  const answer = await send(REQUEST, 'messages/count_tokens');
  expect(await answer.text()).toBe('{"input_tokens": 7, "new": 1}');
  expect(provider.asked[0]?.body.toString()).toBe(REQUEST);
  expect(provider.asked[0]?.url).toBe('/v1/messages/count_tokens');
  expect(door.record.order).toEqual([]);
});
