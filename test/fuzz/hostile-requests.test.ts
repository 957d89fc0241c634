import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ log: () => undefined });
});
afterAll(() => stack.close());

/** What the app answers to these bytes: the status and the body, as they came. Rejects when it only closes. */
function answerTo(...pieces: (string | Buffer)[]): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
    });
    let text = '';
    socket.on('data', (chunk) => (text += chunk)).on('error', reject);
    socket.on('close', () => {
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
      if (status) resolve({ status, body: text.slice(text.indexOf('\r\n\r\n') + 4) });
      else reject(new Error('closed without an answer'));
    });
  });
}

const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers, '', ''].join('\r\n');
const post = (path: string, body: string | Buffer, ...headers: string[]) =>
  answerTo(head(`POST ${path}`, 'content-type: application/json', `content-length: ${body.length}`, ...headers), body);

const posts = [
  '/api/trail-finder/search',
  '/api/routes/plan',
  '/api/judge',
  '/api/kpis',
  '/api/limits',
  '/api/admin/dead-letters/replay',
  '/trail-finder',
  '/anthropic/v1/messages',
];
/** Refused, and with words. */
const refused = {
  status: expect.toSatisfy((status) => status >= 400 && status < 500),
  body: expect.stringMatching(/"/),
};

describe.each(posts)('POST %s', (path) => {
  test.each([
    ['an array in arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['an object in objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a member as deep', `{"location":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['only a prototype', '{"__proto__":{"role":"admin"}}'],
    ['numbers beyond all bounds', '{"location":1e999,"messages":1e999,"max_tokens":-1e999,"maxUsd":1e999}'],
    ['no number', '{"maxUsd":NaN}'],
    ['a value behind the JSON', '{"location":"Moab"}{"location":"Moab"}'],
    ['a NUL behind the JSON', '{"location":"Moab"}\0'],
  ])('%s', async (_name, body) => {
    expect(await post(path, body)).toEqual(refused);
  });

  test('a packed body is named as what it is, however small or sound', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000));
    for (const body of [gzipSync('{"location":"Moab"}'), bomb])
      expect(await post(path, body, 'content-encoding: gzip')).toMatchObject({
        status: 415,
        body: expect.stringMatching(/unsupported_content_encoding|Content-Encoding/),
      });
  });

  test('headers that Node takes only when it is asked to', async () => {
    expect(await post(path, '{}', `x-big: ${'a'.repeat(20_000)}`)).toEqual(refused);
  });
});

test.each([
  ['a tunnel to elsewhere', [head('CONNECT /api/limits')], 400],
  ['two lengths', [head('POST /api/limits', 'content-length: 2', 'content-length: 3'), '{}'], 400],
  ['a length and chunks', [head('POST /api/limits', 'content-length: 2', 'transfer-encoding: chunked'), '{}'], 400],
  ['a length below zero', [head('POST /api/limits', 'content-length: -2'), '{}'], 400],
  ['no size of a chunk', [head('POST /api/limits', 'transfer-encoding: chunked'), 'zz\r\n{}\r\n0\r\n\r\n'], 400],
  ['headers beyond the host', [head('GET /api/limits', `x-big: ${'a'.repeat(40_000)}`)], 431],
  ['no host', ['GET /api/limits HTTP/1.1\r\nconnection: close\r\n\r\n'], 400],
  ['a malformed host', ['GET /api/limits HTTP/1.1\r\nhost: a b/?#\r\nconnection: close\r\n\r\n'], 400],
  ['another protocol', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], 400],
])('%s', async (_name, pieces, status) => {
  expect((await answerTo(...pieces)).status).toBe(status);
});

/** The statuses of all answers to these bytes, in order, until the connection is over. */
const statusesOf = (...pieces: (string | Buffer)[]): Promise<number[]> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
    });
    let text = '';
    socket.on('data', (chunk) => (text += chunk)).on('error', reject);
    socket.on('close', () => resolve([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))));
  });

describe('one connection', () => {
  const more = (line: string, ...headers: string[]) =>
    [`${line} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n');
  const json = (path: string, body: string) =>
    more(`POST ${path}`, 'content-type: application/json', `content-length: ${body.length}`) + body;
  const last = head('GET /api/health');

  test('requests that do not wait for answers get theirs in order', async () => {
    const chunked = more('POST /api/judge', 'content-type: application/json', 'transfer-encoding: chunked');
    const unread = `${chunked}${'5\r\n[1,2,\r\n'.repeat(1_000)}0\r\n\r\n`;
    const pieces = [json('/api/judge', '{"a":1}'), more('GET /api/health'), unread, more('GET /api/nothing'), last];
    const statuses = [400, 200, 400, 404, 200];
    expect(await statusesOf(pieces.join(''))).toEqual(statuses);
    expect(await statusesOf(...pieces)).toEqual(statuses);
  });

  test('hundreds of requests at once are all answered', async () => {
    const statuses = await statusesOf(more('GET /api/nothing').repeat(500), last);
    expect(statuses).toEqual([...Array(500).fill(404), 200]);
  });

  test('what follows a body is never a part of it', async () => {
    const inside = more('GET /api/health');
    expect(await statusesOf(json('/api/judge', inside), last)).toEqual([400, 200]);
    // Node closes a connection on which bytes that are not a request follow, and drops the answers that it still owes.
    expect(new Set(await statusesOf(json('/api/judge', '{"a":1}'), 'more of it', last))).toEqual(new Set([400]));
    expect(await statusesOf(more('GET /api/health', 'content-length: 4'), 'body', last)).toEqual([200, 200]);
  });
});

test('a tunnel that is cut as it is asked for', async () => {
  for (let n = 0; n < 20; n++) {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(head('CONNECT /api/limits'), () => socket.resetAndDestroy());
    await once(socket, 'close');
  }
  expect((await answerTo(head('GET /api/health'))).status).toBe(200);
});

test('a tunnel into which a client has spoken already does not keep the stack from its end', {
  timeout: 60_000,
}, async () => {
  expect((await answerTo(head('CONNECT /api/limits'), 'anything')).status).toBe(400);
  const own = await startStack({ log: () => undefined });
  const socket = connect(Number(new URL(own.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined).write(head('CONNECT /api/limits') + 'anything'.repeat(100_000));
  await once(socket, 'data');
  await own.close();
});

test('clients that leave in the middle of a body do not disturb others', async () => {
  for (let n = 0; n < 20; n++) {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(head('POST /api/trail-finder/search', 'content-type: application/json', 'content-length: 100'));
    socket.write('{"location":', () => (n % 2 === 0 ? socket.resetAndDestroy() : socket.destroy()));
  }
  expect((await answerTo(head('GET /api/health'))).status).toBe(200);
});
