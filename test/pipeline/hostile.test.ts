import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const KEY = 'a-key-for-the-hostile-test';
const json = { 'content-type': 'application/json' };

/** The routes that cost money, each with a body that it would serve. */
const paid: Record<string, Record<string, unknown>> = {
  '/api/trail-finder/search': { location: 'Moab' },
  '/api/routes/plan': { startLocation: 'Barstow', endLocation: 'Needles', durationDays: 2 },
  '/api/judge': { useCase: 'trail_finder', question: {}, answer: 'Go.' },
  '/trail-finder': { prompt: 'Where to?' },
  '/judge': { prompt: 'Is it good?', provider: 'anthropic', model: 'claude-haiku-5-5' },
  '/anthropic/v1/messages': { model: 'claude-haiku-5-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] },
};

/** On the function host, with what only it does to a request. Nothing of this may reach a model, or stay without answer. */
describe('hostile requests over HTTP', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      settings: {
        ACCESS_KEYS: JSON.stringify({ web: { key: KEY, role: 'user' } }),
        DEV_IDENTITY: '',
        GATEWAY_ANONYMOUS: 'true',
        MAX_REQUEST_BYTES: '1000000',
      },
    });
  });
  afterAll(() => stack?.close());

  const send = (path: string, body: BodyOf, headers: Record<string, string>, method = 'POST') =>
    fetch(`${stack.url}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(60_000),
      ...(method !== 'GET' && { body }),
    });
  type BodyOf = string | Uint8Array<ArrayBuffer>;

  const forged = JSON.stringify({ 'x-functions-key': KEY, 'x-api-key': KEY, ...json });
  const names = ['headers', 'Headers', 'HEADERS', '%48eaders'];

  test.each(Object.entries(paid))('headers in the query: %s', async (path, body) => {
    for (const name of names)
      for (const value of ['1', '', encodeURIComponent(forged)]) {
        const answer = await send(`${path}?${name}=${value}`, JSON.stringify(body), {
          ...json,
          'x-functions-key': KEY,
        });
        expect([name, value, answer.status]).toEqual([name, value, 400]);
        expect(await answer.text()).toContain('headers');
      }
    expect(stack.model?.calls()).toEqual([]);
  });

  test.each(Object.entries(paid))('headers in the body: %s', async (path, body) => {
    for (const name of ['headers', 'Headers', 'HEADERS'])
      for (const value of ['', 1, JSON.parse(forged)]) {
        const answer = await send(path, JSON.stringify({ ...body, [name]: value }), {
          ...json,
          'x-functions-key': KEY,
        });
        expect([name, value, answer.status]).toEqual([name, value, 400]);
      }
    expect(stack.model?.calls()).toEqual([]);
  });

  test.each([
    ['a route that there is not', 'POST', '/api/nothing', '{}', json, 404],
    ['a method that a route has not', 'DELETE', '/api/trail-finder/search', '{}', json, 405],
    ['no key', 'POST', '/api/trail-finder/search', '{"location":"Moab"}', json, 401],
    ['no JSON', 'POST', '/api/trail-finder/search', '{"location":', { ...json, 'x-functions-key': KEY }, 400],
    [
      'no UTF-8',
      'POST',
      '/api/trail-finder/search',
      Uint8Array.of(0x22, 0xff, 0x22),
      { ...json, 'x-functions-key': KEY },
      400,
    ],
    [
      'another content type',
      'POST',
      '/api/trail-finder/search',
      '{"location":"Moab"}',
      { 'content-type': 'text/plain', 'x-functions-key': KEY },
      415,
    ],
    [
      'very deep JSON',
      'POST',
      '/api/trail-finder/search',
      `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
      { ...json, 'x-functions-key': KEY },
      400,
    ],
    [
      'a body that is too large',
      'POST',
      '/api/trail-finder/search',
      `{"location":"${'x'.repeat(1_000_000)}"}`,
      { ...json, 'x-functions-key': KEY },
      413,
    ],
    [
      'an empty form',
      'POST',
      '/api/analyze',
      '',
      { 'content-type': 'multipart/form-data; boundary=b', 'x-functions-key': KEY },
      400,
    ],
    [
      'a malformed image',
      'POST',
      '/api/analyze',
      '{"images":["bm90IGFuIGltYWdl"],"model":"claude-sonnet-5-5"}',
      { ...json, 'x-functions-key': KEY },
      400,
    ],
  ] as const)('%s', async (_name, method, path, body, headers, status) => {
    const answer = await send(path, body, headers, method);
    await answer.text();
    expect(answer.status).toBe(status);
    expect(stack.model?.calls()).toEqual([]);
  });

  test('a preflight of a local page is answered for every method, and errors can be read', async () => {
    const origin = 'http://localhost:3636';
    const preflight = await fetch(`${stack.url}/api/limits/daily-budget`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'DELETE, GET, PUT, OPTIONS',
    ]);
    const answers = [
      preflight,
      await send('/api/limits', '{}', { ...json, origin }),
      await send('/api/nothing', '{}', { ...json, origin }),
      await send('/api/limits', '{}', { ...json, origin }, 'DELETE'),
      await send('/anthropic/v1/messages', '{}', { ...json, origin }),
    ];
    expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual(answers.map(() => origin));
    expect(answers.map(({ status }) => status)).toEqual([204, 401, 404, 405, 401]);
    await Promise.all(answers.map((answer) => answer.text()));
  });

  test('a wrong secret in the path is not an anonymous caller', async () => {
    const answer = await send(`/p/wrong/judge?token=${KEY}`, JSON.stringify(paid['/judge']), json);
    expect(answer.status).toBe(401);
    expect(stack.model?.calls()).toEqual([]);
  });

  test('who leaves in the middle of an event stream is metered all the same', async () => {
    const leaving = new AbortController();
    const answer = await fetch(`${stack.url}/api/trail-finder/search`, {
      method: 'POST',
      headers: { ...json, accept: 'text/event-stream', 'x-functions-key': KEY },
      body: JSON.stringify(paid['/api/trail-finder/search']),
      signal: leaving.signal,
    });
    expect(answer.status).toBe(200);
    leaving.abort();
    const uncounted = () => (stack.model?.calls().length || 1) - (stack.payi?.inspect.events().length ?? 0);
    await expect.poll(uncounted, { interval: 200 }).toBe(0);
  });

  test('a large request, which a thread reads: passed, or refused for what it has twice', async () => {
    const messages = [{ role: 'user', content: 'Hi '.repeat(200_000) }];
    const body = JSON.stringify({ model: 'claude-haiku-5-5', max_tokens: 9, messages });
    const headers = { ...json, 'x-api-key': KEY };
    expect((await send('/anthropic/v1/messages', body, headers)).status).toBe(200);
    const calls = stack.model?.calls().length;
    const twice = body.replace('{', '{"max_tokens":1,');
    expect(await (await send('/anthropic/v1/messages', twice, headers)).text()).toContain(
      'max_tokens must not appear twice',
    );
    expect(stack.model?.calls().length).toBe(calls);
  });
});
