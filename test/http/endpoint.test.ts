import fns, { type HttpResponse } from '@azure/functions';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { healthRoute } from '../../shared/api/health.ts';
import { TrailmeterError } from '../../shared/errors/trailmeter-error.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { ADMIN_KEY, envelope, KEY, startTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
const PAGE = 'https://trails.example';
beforeAll(async () => {
  app = await startTestApp({ CORS_ORIGINS: PAGE });
});
afterEach(() => app.model.reset());
afterAll(() => app.close());

const json = { location: 'Moab' };

describe('who calls', () => {
  test.each<[string, Record<string, string>, number]>([
    ['nobody', {}, 401],
    ['a wrong key', { 'x-functions-key': 'wrong' }, 401],
    ['an empty key', { 'x-functions-key': '' }, 401],
    ['a user without a key', { 'x-user-id': 'sam' }, 401],
    ['a key', { 'x-functions-key': KEY }, 200],
    ['a user id that is too long', { 'x-functions-key': KEY, 'x-user-id': 'x'.repeat(201) }, 400],
    ['a user id that is empty', { 'x-functions-key': KEY, 'x-user-id': ' ' }, 400],
    ['an account that is too long', { 'x-functions-key': KEY, 'x-account-name': 'x'.repeat(201) }, 400],
  ])('%s', async (_name, headers, status) => {
    const response = await app.call('search-trails', { json, headers, anonymous: true });
    expect(response.status).toBe(status);
    if (status === 401) expect((await envelope(response)).error).toBe('Authentication required');
    if (status !== 200) expect(app.model.calls()).toEqual([]);
  });

  test('a body never says who calls', async () => {
    const body = { ...json, userId: 'other', user_id: 'other', role: 'admin' };
    const { details } = await envelope(await app.call('search-trails', { json: body }));
    expect(details.fields.map(({ field }: { field: string }) => field)).toEqual(['userId', 'user_id', 'role']);
    expect(app.model.calls()).toEqual([]);
  });

  test('an e-mail address is kept as a pseudonym, the same each time', async () => {
    const ids = await Promise.all(
      ['Sam@Example.com', 'sam@example.com'].map(async (id) => {
        const response = await app.call('search-trails', { json, headers: { 'x-user-id': id } });
        const { data } = await envelope(response);
        return (await app.services.instances.find('trail_finder', data.metrics.use_case_id))?.userId;
      }),
    );
    expect(ids[0]).toMatch(/^user-[0-9a-f]{24}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  test('a request without any header is refused, not a guest', async () => {
    const bare = await app.call('check-health', { method: 'GET', anonymous: true, bare: true });
    expect(bare.status).toBe(400);
  });

  test('the development identity', async () => {
    const local = await startTestApp({ DEV_IDENTITY: 'dev:admin', ACCESS_KEYS: '{}' });
    const search = await local.call('search-trails', { json, anonymous: true });
    expect(search.status).toBe(200);
    const wrong = await local.call('search-trails', { json, anonymous: true, headers: { 'x-functions-key': 'wrong' } });
    expect(wrong.status).toBe(401);
    await local.close();
  });
});

describe('other origins', () => {
  const origin = (response: HttpResponse) => response.headers.get('access-control-allow-origin');

  test('a preflight of an allowed page', async () => {
    const response = await app.call('analyze', { method: 'OPTIONS', headers: { origin: PAGE }, anonymous: true });
    expect([response.status, origin(response)]).toEqual([204, PAGE]);
    expect(response.headers.get('access-control-allow-methods')).toBe('POST, OPTIONS');
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
  });

  test.each(['https://evil.example', `${PAGE}.evil.example`, 'null', PAGE.toUpperCase(), `${PAGE}/`])(
    'none for %s',
    async (other) => {
      for (const method of ['OPTIONS', 'POST'])
        expect(origin(await app.call('search-trails', { method, json, headers: { origin: other } }))).toBeNull();
    },
  );

  test('failures can be read by the page, too', async () => {
    const headers = { origin: PAGE };
    const answers = [
      await app.call('search-trails', { json, headers, anonymous: true }),
      await app.call('search-trails', { json: {}, headers }),
      await app.call('search-trails', { json, headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 400, 200]);
    expect(answers.map(origin)).toEqual([PAGE, PAGE, PAGE]);
  });

  test('without a list nobody is let in', async () => {
    const closed = await startTestApp();
    expect(origin(await closed.call('check-health', { method: 'GET', headers: { origin: PAGE } }))).toBeNull();
    await closed.close();
  });
});

describe('whatever happens, there is an answer', () => {
  const broken = (error: unknown) => ({
    judging: {
      submit: () => {
        throw error;
      },
    },
  });

  test.each<[string, unknown, number, string]>([
    ['an error', new Error('secret'), 500, 'internal_error'],
    ['undefined', undefined, 500, 'internal_error'],
    ['a text', 'secret', 500, 'internal_error'],
    ['our own error', new TrailmeterError('busy', 'Odd.', { status: 503 }), 503, 'busy'],
    [
      'our own error with an impossible status',
      new TrailmeterError('table_refused', 'Odd.', { status: 99 }),
      500,
      'table_refused',
    ],
  ])('%s is thrown', async (_name, error, status, code) => {
    const failing = await startTestApp({}, broken(error));
    const response = await failing.call('search-trails', { json });
    const body = await envelope(response);
    expect([response.status, body.success, body.code]).toEqual([status, false, code]);
    expect(JSON.stringify(body)).not.toContain('secret');
    await failing.close();
  });

  test('settings that are wrong: the answer tells nothing of them, the log does', async () => {
    const written: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
    onTestFinished(() => write.mockRestore());
    const services = () => {
      throw new TrailmeterError('invalid_settings', 'USAGE_QUEUE: got "secret"');
    };
    const handler = endpoint(healthRoute, services, async () => {
      throw new Error('not reached');
    });
    const request = new fns.HttpRequest({ url: 'http://127.0.0.1/', method: 'GET', headers: { host: 'h' } });
    const context = new fns.InvocationContext({ functionName: 'health' });
    const { status, body } = (await handler(request, context)) as { status: number; body: string };
    expect([status, JSON.parse(body).code]).toEqual([500, 'invalid_settings']);
    expect(body).not.toContain('secret');
    expect(written.join('')).toContain('USAGE_QUEUE: got');
  });

  test('a body that breaks off', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"loc'));
        controller.error(new Error('gone'));
      },
    });
    const response = await app.call('search-trails', { body, headers: { 'content-type': 'application/json' } });
    expect(response.status).toBe(400);
  });

  test('a deadline ends the call', async () => {
    const hasty = await startTestApp({ MODEL_DEADLINE_MS: '1000' });
    hasty.model.script({ breakAfter: { how: 'stall', events: 2 } });
    const response = await hasty.call('search-trails', { json });
    const { code, details } = await envelope(response);
    expect([response.status, code, details.metrics.modelCalls]).toEqual([504, 'model_deadline', 1]);
    expect(hasty.usage.map(({ outcome }) => outcome)).toEqual(['aborted']);
    expect(hasty.kpis).toHaveLength(1);
    await hasty.close();
  });

  test('the provider’s wait is passed on', async () => {
    app.model.script({ error: { status: 429 }, headers: { 'retry-after': '7' } });
    const response = await app.call('search-trails', { json });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await envelope(response)).error).toBe('Rate limit exceeded. Please try again later.');
  });

  test('every answer names its request', async () => {
    const response = await app.call('check-health', { method: 'GET' });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

interface Event {
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  data: any;
}
const events = async (response: HttpResponse): Promise<Event[]> =>
  (await response.text())
    .split('\n\n')
    .filter((block) => block.startsWith('event:'))
    .map((block) => {
      const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      return { name, data: JSON.parse(data) };
    });

describe('as events', () => {
  const headers = { accept: 'text/event-stream' };

  test('a search tells its stages and ends with the envelope', async () => {
    const response = await app.call('search-trails', { json, headers });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const all = await events(response);
    const names = all.map(({ name }) => name);
    expect(names[0]).toBe('accepted');
    expect(names).toContain('reading');
    expect(names.at(-1)).toBe('result');
    expect(all.find(({ name }) => name === 'searching')?.data.query).toMatch(/moab/i);
    const written = all.filter(({ name }) => name === 'writing').map(({ data }) => data.text);
    expect(written.join('')).toContain('recommendations');
    expect(all.at(-1)?.data).toMatchObject({ success: true, data: { vehicleCapabilityScore: 2 } });
  });

  test('wrong input is refused before the stream begins', async () => {
    const response = await app.call('search-trails', { json: {}, headers });
    expect(response.status).toBe(400);
    expect((await envelope(response)).success).toBe(false);
  });

  test('a failure is the last event', async () => {
    app.model.script({ error: { status: 429 }, headers: { 'retry-after': '7' } });
    const all = await events(await app.call('search-trails', { json, headers }));
    expect(all.at(-1)).toMatchObject({
      name: 'error',
      data: { success: false, status: 429, code: 'rate_limited', retryAfterSeconds: 7 },
    });
  });

  test('who goes away ends the model call', async () => {
    app.model.script({ text: 'a long answer', breakAfter: { how: 'stall', events: 14 } });
    const response = await app.call('search-trails', { json, headers });
    const reader = response.body?.getReader();
    let seen = '';
    while (!seen.includes('event: searching')) seen += Buffer.from((await reader?.read())?.value ?? []).toString();
    await reader?.cancel();
    // The stand-in is silent until its client has left, and lists the call only then.
    await expect.poll(() => app.model.calls()).toHaveLength(1);
    await expect.poll(() => app.usage.at(-1)?.outcome).toBe('aborted');
  });
});

describe('health', () => {
  test('alive', async () => {
    const response = await app.call('check-health', { method: 'GET', anonymous: true });
    expect(JSON.parse(await response.text())).toEqual({
      status: 'healthy',
      timestamp: expect.any(String),
      uptime: expect.any(Number),
      environment: 'development',
    });
  });

  test('ready or not, and which part is not', async () => {
    const check = async () => undefined;
    const ready = await startTestApp({}, { readinessChecks: [{ name: 'tables', check }] });
    expect((await ready.call('check-readiness', { method: 'GET' })).status).toBe(200);
    const not = await startTestApp(
      {},
      {
        readinessChecks: [
          { name: 'tables', check },
          { name: 'queue', check: () => Promise.reject(new Error('secret address')) },
        ],
      },
    );
    const response = await not.call('check-readiness', { method: 'GET' });
    expect(response.status).toBe(503);
    expect(JSON.parse(await response.text())).toEqual({
      status: 'not-ready',
      checks: { tables: 'ok', queue: 'failed' },
    });
    await Promise.all([ready.close(), not.close()]);
  });

  test('readiness names the settings that open something', async () => {
    const open = await startTestApp({ GATEWAY_ANONYMOUS: 'true' });
    const { warnings } = (await (await open.call('check-readiness', { method: 'GET' })).json()) as {
      warnings: string[];
    };
    expect(warnings).toEqual(['GATEWAY_ANONYMOUS opens the paths of the payi-proxy to callers without a credential']);
    await open.close();
  });
});

test('an admin key opens what a user key does', async () => {
  const headers = { 'x-functions-key': ADMIN_KEY };
  expect((await app.call('search-trails', { json, headers })).status).toBe(200);
});
