import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BodyInPieces } from '../../shared/util/bytes/body-in-pieces.ts';
import { type ByteReader, MOST_WHOLE_BYTES, readAll } from '../../shared/util/fetch/byte-reader.ts';
import { DeadlineError, httpFetch } from '../../shared/util/fetch/http-fetch.ts';
import { readerOf } from '../../shared/util/fetch/replaced-body.ts';

let server: Server;
let url: string;
let asked: { request: IncomingMessage; body: Buffer }[];
let reply: (response: ServerResponse) => unknown;
const sockets = new Set<Socket>();
beforeAll(async () => {
  server = createServer(async (request, response) => {
    sockets.add(request.socket);
    asked.push({ request, body: await buffer(request) });
    reply(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  sockets.clear();
  reply = (response) => response.end('{"a":1}');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const bytes = new Uint8Array(600_000).map((_, place) => place % 251);

test.each([
  ['text', 'Wüste', Buffer.from('Wüste')],
  ['bytes', bytes, Buffer.from(bytes)],
  ['pieces', new BodyInPieces([bytes.subarray(0, 7), bytes.subarray(7)]), Buffer.from(bytes)],
  ['a form', new URLSearchParams({ a: 'b' }), Buffer.from('a=b')],
])('a body of %s arrives with its length', async (_kind, body, wanted) => {
  const answer = await httpFetch(`${url}/path?q=1`, { method: 'POST', headers: { 'x-a': '1' }, body });
  expect(await answer.json()).toEqual({ a: 1 });
  const [{ request, body: arrived } = { request: undefined, body: Buffer.alloc(0) }] = asked;
  expect([request?.method, request?.url, request?.headers['x-a']]).toEqual(['POST', '/path?q=1', '1']);
  expect(request?.headers['content-length']).toBe(String(wanted.length));
  expect(arrived.equals(wanted)).toBe(true);
});

test.each(['json', 'text', 'arrayBuffer', 'reader'])('an answer is a response (%s)', async (way) => {
  reply = (response) => response.writeHead(201, { 'x-b': ['1', '2'] }).end('{"a":1}');
  const answer = await httpFetch(url, { headers: new Headers({ 'x-a': '1' }) });
  expect(answer).toBeInstanceOf(Response);
  expect([answer.status, answer.ok, answer.headers.get('x-b')]).toEqual([201, true, '1, 2']);
  const reader = way === 'reader' ? readerOf(answer) : undefined;
  const read: Record<string, () => Promise<string>> = {
    json: async () => JSON.stringify(await answer.json()),
    text: () => answer.text(),
    arrayBuffer: async () => Buffer.from(await answer.arrayBuffer()).toString(),
    reader: async () => Buffer.from((await reader?.read())?.value ?? []).toString(),
  };
  expect(await read[way]?.()).toBe('{"a":1}');
  if (reader) expect(await reader.read()).toEqual({ done: true, value: undefined });
});

test('an answer without a body has none', async () => {
  reply = (response) => response.writeHead(204).end();
  const answer = await httpFetch(url);
  expect([answer.status, answer.body]).toEqual([204, null]);
});

test('an answer that is larger than may be read whole is an error, with its size', async () => {
  const piece = Buffer.alloc(1 << 20);
  const left = { pieces: MOST_WHOLE_BYTES / piece.length + 1, isCancelled: false };
  const reader: ByteReader = {
    read: async () => (left.pieces-- > 0 ? { done: false, value: piece } : { done: true, value: undefined }),
    async cancel() {
      left.isCancelled = true;
    },
  };
  const { bytes, size, error } = await readAll(reader);
  expect([bytes.byteLength, size, left]).toEqual([
    0,
    MOST_WHOLE_BYTES + piece.length,
    { pieces: 0, isCancelled: true },
  ]);
  expect(error).toBeInstanceOf(Error);
});

test('a redirect is not followed', async () => {
  reply = (response) => response.writeHead(307, { location: `${url}/elsewhere` }).end();
  expect((await httpFetch(url, { method: 'POST', body: '{}' })).status).toBe(307);
  expect(asked).toHaveLength(1);
});

test('calls one after the other share a connection', async () => {
  for (let call = 0; call < 3; call++) await (await httpFetch(url)).arrayBuffer();
  expect(sockets.size).toBe(1);
});

test.each(['headers', 'body'])('without the %s before the deadline: DeadlineError', async (part) => {
  reply = (response) => (part === 'headers' ? undefined : response.write('{"a"'));
  const asking = async () => (await httpFetch(url, { deadlineMs: performance.now() + 50 })).json();
  await expect(asking()).rejects.toBeInstanceOf(DeadlineError);
});

test.each(['headers', 'body'])('a signal ends it before the %s, with its reason', async (part) => {
  const controller = new AbortController();
  reply = (response) => {
    if (part === 'body') response.write('{"a"');
    else controller.abort();
  };
  const asking = async () => {
    const answer = await httpFetch(url, { signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    return answer.json();
  };
  await expect(asking()).rejects.toMatchObject({ name: 'AbortError' });
  await expect(httpFetch(url, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
});

test('what came before a break is read before the error', async () => {
  reply = (response) => response.write('first', () => response.destroy());
  const reader = readerOf(await httpFetch(url));
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first');
  await expect(reader?.read()).rejects.toThrow();
});

test('whoever leaves ends the connection, and nothing is read without a reader', async () => {
  let written = 0;
  let isClosed: Promise<unknown> = Promise.resolve();
  reply = (response) => {
    isClosed = once(response, 'close');
    const write = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 1;
      response.once('drain', write);
    };
    write();
  };
  const reader = readerOf(await httpFetch(url));
  expect((await reader?.read())?.done).toBe(false);
  // Once the buffers on the way are full.
  const writtenMeanwhile = async () => {
    const before = written;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return written - before;
  };
  await expect.poll(writtenMeanwhile).toBe(0);
  await reader?.cancel();
  await isClosed;
  expect(await reader?.read()).toEqual({ done: true, value: undefined });
});

test('no connection: the code of the system', async () => {
  await expect(httpFetch('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
