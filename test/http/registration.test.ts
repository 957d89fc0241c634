import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { responsesOf } from '../../shared/api/failures.ts';
import { routes } from '../../shared/api/routes.ts';
import { routesOfPath } from '../../shared/http/match-route.ts';
import { startTestApp, type TestApp } from '../support/app.ts';

const PAGE = 'https://trails.example';
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ CORS_ORIGINS: PAGE });
});
afterAll(() => app.close());

const LAST = 'zz-unrouted';
const registered = () => [...app.functions].filter(([name]) => name !== LAST);

test('each route of the list is registered as one function, and nothing else is', () => {
  const lines = registered().map(([name, { route, methods }]) => `${name}: ${methods?.join(' ')} /${route}`);
  expect(lines.sort()).toEqual(routes.map(({ function: name, method, path }) => `${name}: ${method} ${path}`).sort());
  for (const { authLevel } of app.functions.values()) expect(authLevel).toBe('anonymous');
});

test('names and pairs of method and path are unique', () => {
  expect(new Set(routes.map((route) => route.function)).size).toBe(routes.length);
  expect(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(routes.length);
});

test('the host, which tries functions in the order of their names, finds each route’s own function', () => {
  expect([...app.functions.keys()].sort().at(-1)).toBe(LAST);
  for (const { method, path, function: name } of routes) {
    const ofMethod = routes.filter((route) => route.method === method);
    const [first] = routesOfPath(ofMethod, path.replaceAll(/\{\w+\}/g, 'some-value'))
      .map((route) => route.function)
      .sort();
    expect(first).toBe(name);
  }
});

test('every file of a function is imported by the entry point', () => {
  const folder = new URL('../../functions/', import.meta.url);
  const entry = readFileSync(new URL('index.ts', folder), 'utf8');
  const files = ['http', 'queue', 'timer'].flatMap((kind) =>
    readdirSync(new URL(kind, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `./${kind}/${file}`),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) expect(entry).toContain(`import '${file}';`);
});

test('each route describes its errors and at least one success', () => {
  for (const route of routes) {
    const statuses = [...responsesOf(route).keys()];
    expect(statuses.some((status) => status < 300)).toBe(true);
    expect(statuses).toEqual(expect.arrayContaining([400, 500]));
    if (route.access !== 'anyone') expect(statuses).toContain(401);
  }
});

/** A request that no function of its path takes. */
const unrouted = (method: string, path: string, headers: Record<string, string> = {}) =>
  app.call(LAST, { method, url: `http://127.0.0.1${path}`, headers: { origin: PAGE, ...headers }, anonymous: true });

describe('a page of an allowed origin', () => {
  test.each(routes.map(({ method, path }) => [method, path]))('may ask for %s %s', async (method = '', path = '') => {
    const answer = await unrouted('OPTIONS', path.replaceAll(/\{\w+\}/g, 'some-value'), {
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type,x-functions-key',
    });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, PAGE]);
    const methods = answer.headers.get('access-control-allow-methods')?.split(', ') ?? [];
    const ofPath = routes.filter((route) => route.path === path).map((route) => route.method);
    expect(methods).toEqual(expect.arrayContaining([...ofPath, 'OPTIONS']));
    expect(answer.headers.get('allow')).toBe(methods.join(', '));
  });

  test('may send the headers of an SDK, and no others', async () => {
    const asked = ['x-stainless-os', 'x-stainless-retry-count', 'anthropic-version', 'anthropic-beta', 'x-evil'];
    const answer = await unrouted('OPTIONS', '/anthropic/v1/messages', {
      'access-control-request-headers': [...asked, 'x-api-key', 'authorization'].join(','),
    });
    const allowed = answer.headers.get('access-control-allow-headers')?.split(', ');
    expect(allowed).toEqual(expect.arrayContaining([...asked.slice(0, 4), 'x-api-key', 'authorization']));
    expect(allowed).not.toContain('x-evil');
    expect(allowed).not.toContain('*');
  });

  test.each([
    ['GET', '/api/nothing', 404, 'not_found'],
    ['OPTIONS', '/api/nothing', 404, 'not_found'],
    ['PATCH', '/api/limits/daily', 405, 'method_not_allowed'],
    ['DELETE', '/api/analyze', 405, 'method_not_allowed'],
    ['POST', '/api//analyze', 404, 'not_found'],
    ['POST', '/api/analyze/', 404, 'not_found'],
  ])('reads why %s %s fails', async (method, path, status, code) => {
    const answer = await unrouted(method, path);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, PAGE]);
    expect(JSON.parse(await answer.text())).toMatchObject({ success: false, code });
    expect(answer.headers.get('x-request-id')).toBeTruthy();
  });

  test('reads of a path of no API a problem, and of the payi-proxy its own form', async () => {
    const nothing = await unrouted('GET', '/nothing');
    expect([nothing.status, nothing.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect(JSON.parse(await nothing.text())).toMatchObject({ title: 'Not Found', status: 404, code: 'not_found' });
    const proxy = await unrouted('GET', '/analyze');
    expect(JSON.parse(await proxy.text())).toMatchObject({ detail: expect.any(String), code: 'method_not_allowed' });
  });

  test('reads of an Anthropic path in Anthropic’s form', async () => {
    const answer = await unrouted('GET', '/anthropic/v1/skills');
    expect(answer.status).toBe(404);
    expect(JSON.parse(await answer.text())).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });

  test('gets 405 with the methods that there are; for HEAD without a body', async () => {
    const answer = await unrouted('PATCH', '/api/limits/daily');
    expect(answer.headers.get('allow')).toBe('DELETE, GET, PUT, OPTIONS');
    const head = await unrouted('HEAD', '/api/health');
    expect([head.status, await head.text()]).toEqual([405, '']);
  });
});

test('a page of another origin gets no CORS header', async () => {
  const answer = await unrouted('OPTIONS', '/api/analyze', { origin: 'https://evil.example' });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, null]);
});

test('every answer has the headers that browsers need, and keeps a policy of its own', async () => {
  const wanted = ['x-content-type-options', 'content-security-policy', 'referrer-policy', 'strict-transport-security'];
  const answers = [
    await app.call('check-health', { method: 'GET', anonymous: true }),
    await app.call('analyze', { anonymous: true }),
    await app.call('pass-message', { anonymous: true }),
    await unrouted('GET', '/api/nothing'),
    await unrouted('OPTIONS', '/api/analyze'),
  ];
  for (const { headers } of answers) for (const name of wanted) expect(headers.get(name)).toBeTruthy();
  expect(answers[0]?.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  const page = await app.call('show-docs', { method: 'GET', anonymous: true });
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
});
