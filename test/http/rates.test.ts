import { afterAll, beforeAll, expect, test } from 'vitest';
import { envelope, KEY, startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ RATE_PER_CALLER: '2', RATE_PER_KEY: '7' });
});
afterAll(() => app.close());

const search = (user: string, headers: Record<string, string> = {}) =>
  app.call('search-trails', { json: { location: 'Moab' }, headers: { 'x-user-id': user, ...headers } });

test('a caller above its rate gets 429, other callers and free routes do not', async () => {
  const first = await search('sam');
  expect(first.headers.get('ratelimit-policy')).toBe('"caller";q=2;w=60, "key";q=7;w=60');
  expect(first.headers.get('ratelimit')).toMatch(/^"caller";r=1;t=\d+, "key";r=6;t=\d+$/);
  await search('sam');
  const calls = app.model.calls().length;
  const refused = await search('sam');
  expect([refused.status, (await envelope(refused)).code]).toEqual([429, 'request_rate_exceeded']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('ratelimit')).toContain('"caller";r=0;');
  expect(app.model.calls()).toHaveLength(calls);
  expect((await search('kim')).status).toBe(200);
  const free = await app.call('list-limits', { method: 'GET', headers: { 'x-user-id': 'sam' } }).catch(() => undefined);
  expect(free?.headers.get('ratelimit') ?? null).toBeNull();
});

test('an event stream that is refused is a plain 429', async () => {
  const refused = await search('sam', { accept: 'text/event-stream' });
  expect([refused.status, refused.headers.get('content-type')]).toEqual([429, 'application/json; charset=utf-8']);
});

test('gateways answer in the form of their API', async () => {
  const json = { model: 'claude-sonnet-4-5', max_tokens: 10, messages: [{ role: 'user', content: 'hello' }] };
  const headers = { 'x-user-id': 'sam', 'x-api-key': KEY };
  const refused = await app.call('pass-message', { json, headers });
  expect(refused.status).toBe(429);
  expect(JSON.parse(await refused.text())).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('ratelimit')).toContain('"caller";r=0;');
});
