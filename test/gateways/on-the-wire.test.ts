import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import zlib, { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/recording.ts';
import { startAnthropicGateway } from './anthropic-gateway.ts';
import { startOpenAiGateway } from './openai-gateway.ts';
import { GATEWAY_KEY } from './serve.ts';

const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: string) => Buffer };

/** What proxies, networks and impatient clients do to a call. */

let provider: Server;
let providerUrl: string;
/** How the provider answers a request. */
let reply: (response: ServerResponse, body: Buffer) => unknown;
let asked: Buffer[];
beforeAll(async () => {
  provider = createServer({ maxHeaderSize: 65_536 }, async (request, response) => {
    const body = await buffer(request).catch(() => undefined);
    if (!body) return;
    asked.push(body);
    await reply(response, body);
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  providerUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
});

const anthropicEvents = (words: readonly string[]): string[] => [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"claude-haiku-5-5","usage":{"input_tokens":9,"output_tokens":1}}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  ...words.map(
    (text) =>
      `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`,
  ),
  'event: message_delta\ndata: {"type":"message_delta","delta":{},"usage":{"output_tokens":40}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];
const openAiEvents = (words: readonly string[]): string[] => [
  ...words.map(
    (content) =>
      `data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'gpt-4.1-mini', choices: [{ index: 0, delta: { content } }] })}\n\n`,
  ),
  'data: {"id":"chatcmpl-1","model":"gpt-4.1-mini","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":40,"total_tokens":49}}\n\n',
  'data: [DONE]\n\n',
];

const message = { model: 'claude-haiku-5-5', max_tokens: 100, messages: [{ role: 'user', content: 'Which trail?' }] };
const usage = { include_usage: true };
const completion = { model: 'gpt-4.1-mini', messages: message.messages };

describe.each([
  {
    name: 'Anthropic',
    start: startAnthropicGateway,
    setting: 'ANTHROPIC_BASE_URL',
    path: '/anthropic/v1/messages',
    request: message,
    streamed: { ...message, stream: true } as object,
    events: anthropicEvents,
    answer: '{"type":"message","id":"msg_1","model":"claude-haiku-5-5","usage":{"input_tokens":9,"output_tokens":40}}',
  },
  {
    name: 'OpenAI',
    start: startOpenAiGateway,
    setting: 'OPENAI_BASE_URL',
    path: '/openai/v1/chat/completions',
    request: completion,
    streamed: { ...completion, stream: true, stream_options: usage } as object,
    events: openAiEvents,
    answer:
      '{"id":"chatcmpl-1","model":"gpt-4.1-mini","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":40,"total_tokens":49}}',
  },
])('the $name gateway', ({ start, setting, path, request, streamed, events, answer }) => {
  let opened: Awaited<ReturnType<typeof startAnthropicGateway | typeof startOpenAiGateway>>;
  beforeAll(async () => {
    opened = await start();
  });
  afterAll(() => opened.close());
  beforeEach(() => {
    opened.reset();
    opened.settings = { ...opened.settings, [setting]: providerUrl };
    asked = [];
  });

  const json = { 'content-type': 'application/json', authorization: `Bearer ${GATEWAY_KEY}` };
  const send = (body: string, headers: Record<string, string> = {}) =>
    fetch(opened.url + path, { method: 'POST', headers: { ...json, ...headers }, body });
  const metered = [{ outcome: 'succeeded', unitsEstimated: false, units: { text: { input: 9, output: 40 } } }];

  /** Sends bytes of a request, and leaves once so many bytes of the answer came. */
  async function leaveAfter(body: string, received: number, cut = body.length): Promise<void> {
    const { hostname, port } = new URL(opened.url);
    const socket = connect(Number(port), hostname);
    const head = `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\ncontent-type: application/json\r\nauthorization: Bearer ${GATEWAY_KEY}\r\n`;
    socket.write(`${head}content-length: ${body.length}\r\n\r\n${body.slice(0, cut)}`);
    let count = 0;
    if (received > 0)
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        count += chunk.length;
        if (count >= received) break;
      }
    else await delay(5);
    socket.destroy();
  }

  test('a client that leaves at any byte: one event and one settled hold for each call', async () => {
    const parts = events(Array.from({ length: 30 }, (_, place) => `word ${place} `));
    reply = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const part of parts) {
        if (response.destroyed) return;
        response.write(part);
        await delay(1);
      }
      response.end();
    };
    const places = [0, 1, 100, 300, 500, 900, 1_500, 2_500, 3_500, 100_000];
    await Promise.all(places.map((place) => leaveAfter(JSON.stringify(streamed), place)));
    const { record } = opened;
    await until(() => record.settlements.length === record.holds.length && record.events.length >= asked.length);
    expect(record.events).toHaveLength(record.holds.length);
    expect(new Set(record.events.map(({ eventId }) => eventId)).size).toBe(record.events.length);
    // Who leaves between the usage and the end has aborted, too, but what it cost is known.
    for (const { outcome, unitsEstimated } of record.events)
      expect(['succeeded false', 'aborted true', 'aborted false']).toContain(`${outcome} ${unitsEstimated}`);
    expect(record.events.filter(({ unitsEstimated }) => unitsEstimated).length).toBeGreaterThan(0);
    expect(record.events.filter(({ outcome }) => outcome === 'succeeded').length).toBeLessThan(places.length - 2);
  });

  test('a client that leaves while it sends: nothing is held or asked', async () => {
    const body = JSON.stringify(request);
    reply = (response) => response.end(answer);
    for (const cut of [0, 1, body.length - 1]) await leaveAfter(body, 0, cut);
    await delay(50);
    expect([asked, opened.record.holds, opened.record.events]).toEqual([[], [], []]);
  });

  test('a client that reads slowly gets every byte', async () => {
    const stream = events(Array.from({ length: 3_000 }, (_, place) => `${place} `.repeat(60))).join('');
    reply = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream);
    const response = await send(JSON.stringify(streamed));
    const chunks: Uint8Array[] = [];
    const reader = response.body?.getReader();
    for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
      chunks.push(read.value);
      await delay(1);
    }
    expect(Buffer.concat(chunks).equals(Buffer.from(stream))).toBe(true);
    expect(opened.record.events).toMatchObject(metered);
  });

  test('what comes before a pause passes before it, comments and pings too', async () => {
    const [first = '', ...rest] = events(['dry']);
    let goOn = (): void => undefined;
    const paused = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const before = `${first}: keep-alive\n\nevent: ping\ndata: {"type": "ping"}\n\n`;
    reply = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(before);
      await paused;
      response.end(rest.join(''));
    };
    const response = await send(JSON.stringify(streamed));
    const reader = response.body?.getReader();
    let text = '';
    while (text.length < before.length) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(text).toBe(before);
    goOn();
    for (let read = await reader?.read(); read?.value; read = await reader?.read()) text += Buffer.from(read.value);
    expect(text).toBe(before + rest.join(''));
    expect(opened.record.events).toMatchObject(metered);
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('an answer in %s is read, and passes unpacked', async (encoding, pack) => {
    reply = (response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding }).end(pack(answer));
    const response = await send(JSON.stringify(request), { 'accept-encoding': encoding });
    expect([await response.text(), response.headers.get('content-encoding')]).toEqual([answer, null]);
    expect(opened.record.events).toMatchObject(metered);
  });

  // Node has it from 22.15 on.
  test.runIf(zstdCompressSync)('an answer in zstd is read, and passes unpacked', async () => {
    const packed = zstdCompressSync?.(answer);
    reply = (response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'zstd' }).end(packed);
    expect(await (await send(JSON.stringify(request))).text()).toBe(answer);
    expect(opened.record.events).toMatchObject(metered);
  });

  test('a stream in an encoding that nobody knows passes with its name, and is estimated by its bytes', async () => {
    const packed = Buffer.from(events(['dry']).join('')).map((byte) => byte ^ 0xff);
    reply = (response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'x-odd' }).end(packed);
    const response = await send(JSON.stringify(streamed));
    expect(response.headers.get('content-encoding')).toBe('x-odd');
    expect(Buffer.from(await response.arrayBuffer()).equals(packed)).toBe(true);
    const [event] = opened.record.events;
    expect(event?.unitsEstimated).toBe(true);
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual(packed.length / 4);
  });

  test('a JSON answer in such an encoding is 502, and is estimated by its bytes', async () => {
    const packed = Buffer.from(answer).map((byte) => byte ^ 0xff);
    reply = (response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'x-odd' }).end(packed);
    expect((await send(JSON.stringify(request))).status).toBe(502);
    const [event] = opened.record.events;
    expect(event?.units['text']?.output).toBeGreaterThanOrEqual(packed.length / 4);
  });

  test('1xx before an answer and trailers behind it change nothing', async () => {
    const stream = events(['dry']).join('');
    reply = (response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeContinue();
      response.writeHead(200, { 'content-type': 'text/event-stream', trailer: 'x-cost, x-request-cost' });
      response.write(stream);
      response.addTrailers({ 'x-cost': '1', 'x-request-cost': '0' });
      response.end();
    };
    const response = await send(JSON.stringify(streamed));
    expect([response.status, await response.text()]).toEqual([200, stream]);
    expect(response.headers.get('link')).toBeNull();
    expect(opened.record.events).toMatchObject(metered);
  });

  test('a request with Expect: 100-continue and trailers of its own is like any other', async () => {
    reply = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    const body = JSON.stringify(request);
    const { hostname, port } = new URL(opened.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\ncontent-type: application/json\r\nauthorization: Bearer ${GATEWAY_KEY}\r\ntransfer-encoding: chunked\r\ntrailer: x-user-id\r\nexpect: 100-continue\r\n\r\n`,
    );
    let received = '';
    socket.setEncoding('latin1').on('data', (text) => {
      if (received === '')
        socket.write(
          `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\nx-user-id: eve\r\nauthorization: x\r\n\r\n`,
        );
      received += text;
    });
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(asked.map(String)).toEqual([body]);
    expect(opened.record.events).toMatchObject(metered);
    expect(opened.record.events[0]?.userId).not.toBe('eve');
  });

  test('a proxy that holds the whole stream changes nothing but the time', async () => {
    const parts = [...events(Array.from({ length: 20 }, (_, place) => `word ${place} `)), ': keep-alive\n\n'];
    reply = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const part of parts) {
        response.write(part);
        await delay(1);
      }
      response.end();
    };
    const proxy = createServer(async (incoming, outgoing) => {
      const answer = await fetch(opened.url + incoming.url, {
        method: 'POST',
        headers: { ...json, 'x-cost-in-stream': 'true' },
        body: await buffer(incoming),
      });
      // Everything has passed and is settled before the client has its first byte.
      const held = Buffer.from(await answer.arrayBuffer());
      expect(opened.record.settlements).toHaveLength(1);
      outgoing
        .writeHead(answer.status, { 'content-type': 'text/event-stream', 'content-length': held.length })
        .end(held);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: JSON.stringify(streamed) });
    const text = await response.text();
    expect(text.slice(0, parts.join('').length)).toBe(parts.join(''));
    expect(text.slice(parts.join('').length)).toMatch(/^: \{"x-use-case-id":.*"x-request-cost":"0\.\d+"\}\n\n$/);
    expect(opened.record.events).toMatchObject(metered);
    proxy.close();
  });

  test('a proxy that gives up while it holds the stream: one event, no less than what passed', async () => {
    const parts = events(Array.from({ length: 40 }, (_, place) => `word ${place} `));
    reply = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const part of parts.slice(0, 30)) response.write(part);
    };
    const leaving = new AbortController();
    const response = await fetch(opened.url + path, {
      method: 'POST',
      headers: json,
      body: JSON.stringify(streamed),
      signal: leaving.signal,
    });
    const reader = response.body?.getReader();
    let bytes = 0;
    while (bytes < parts.slice(0, 30).join('').length) bytes += (await reader?.read())?.value?.length ?? 0;
    leaving.abort();
    await until(() => opened.record.settlements.length > 0);
    expect(opened.record.events).toMatchObject([{ outcome: 'aborted', unitsEstimated: true }]);
    const words = parts.slice(0, 30).filter((part) => part.includes('word')).length;
    expect(opened.record.events[0]?.units['text']?.output).toBeGreaterThanOrEqual(words);
  });

  test.each(['gzip', 'br', 'zstd'])('a request in %s is 415: nobody could say how large it is', async (encoding) => {
    reply = (response) => response.end(answer);
    const response = await send(JSON.stringify(request), { 'content-encoding': encoding });
    expect([response.status, asked]).toEqual([415, []]);
  });

  test('32 KB of headers that nobody knows pass by', async () => {
    reply = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    const many = Object.fromEntries(Array.from({ length: 32 }, (_, place) => [`x-proxy-${place}`, 'v'.repeat(1_000)]));
    const response = await send(JSON.stringify(request), many);
    expect([response.status, await response.text()]).toEqual([200, answer]);
    expect(opened.record.events).toMatchObject(metered);
  });

  test('an answer with more headers than can be read is 502, and an event', async () => {
    reply = (response) => response.writeHead(200, { 'x-large': 'v'.repeat(40_000) }).end(answer);
    expect((await send(JSON.stringify(request))).status).toBe(502);
    expect(opened.record.events).toMatchObject([{ outcome: 'failed' }]);
  });

  test('a request of 30 MB reaches the provider byte for byte', async () => {
    reply = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    const content = 'Wüste 🏜️ '.repeat(2_000_000);
    const body = JSON.stringify({ ...request, messages: [{ role: 'user', content }] });
    expect(Buffer.byteLength(body)).toBeGreaterThan(30_000_000);
    expect(await (await send(body)).text()).toBe(answer);
    expect(asked[0]?.equals(Buffer.from(body))).toBe(true);
    expect(opened.record.events).toMatchObject(metered);
  });
});
