import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type FunctionHost, startHost } from '../src/host.ts';
import { type RawRequest, send } from './raw-request.ts';
import { buildTestApp, eventually, type TestApp } from './test-app.ts';

/** How long a request that never ends is watched, in ms: the front of these hosts gives it up then. */
const ACTIVITY_TIMEOUT_MS = 1000;
const BODY_LIMIT_BYTES = 400_000;

let app: TestApp;
const hosts: Record<string, FunctionHost> = {};
const lines: string[] = [];

async function start(name: string, env: Record<string, string>, keys?: Parameters<typeof startHost>[0]['keys']) {
  hosts[name] = await startHost({
    appDirectory: app.directory,
    env: { ...env, FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: String(BODY_LIMIT_BYTES) },
    ...(keys ? { keys } : { activityTimeoutMs: ACTIVITY_TIMEOUT_MS }),
    graceMs: 200,
    log: (line) => lines.push(line),
  });
}

beforeAll(async () => {
  app = await buildTestApp('http');
  await Promise.all([
    start('buffered', { STREAM: 'no' }),
    start('streaming', { STREAM: 'yes' }),
    start('catching', { STREAM: 'no', CATCH_ALL: 'yes' }),
    start('keyed', { STREAM: 'yes' }, { master: 'm', host: ['h'], functions: { keyed: ['f'], other: ['o'] } }),
  ]);
});

afterAll(async () => {
  await Promise.all(Object.values(hosts).map((host) => host.close()));
  await app.remove();
});

const json = { 'content-type': 'application/json' };

interface Case {
  path: string;
  request?: RawRequest;
  /** Status, by mode when they differ; 504 says that no answer came until the front gave up. */
  status: number | { buffered: number; streaming: number };
  /** Members of what the function saw. */
  sees?: Record<string, unknown> | { buffered: Record<string, unknown>; streaming: Record<string, unknown> };
  body?: string;
}

/** JSON of so many levels. */
const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
const nestedBody = (levels: number): RawRequest => ({
  method: 'POST',
  body: nested(levels),
  headers: { ...json, 'content-length': nested(levels).length },
});

const long = 'x'.repeat(BODY_LIMIT_BYTES + 1);

const cases: Record<string, Case> = {
  'a plain answer': { path: '/s', status: 200, body: 'ok' },
  'an unknown path': { path: '/unknown', status: 404, body: '' },
  'a method without a function': { path: '/only-post', status: 404, body: '' },
  'HEAD where GET is registered': { path: '/s', request: { method: 'HEAD' }, status: 404 },
  'OPTIONS goes to functions alone': { path: '/s', request: { method: 'OPTIONS' }, status: 404 },
  'a path in capitals': { path: '/ECHO', status: 200 },
  'a slash at the end': { path: '/echo/', status: 200 },
  'an optional part that is absent': { path: '/items', status: 200, sees: { params: {} } },
  'an int': { path: '/items/5', status: 200, sees: { params: { id: '5' } } },
  'no int': { path: '/items/abc', status: 404 },
  'an encoded slash is not an integer': { path: '/items/5%2F6', status: 404 },
  'a guid': { path: '/guids/0b5a6fd9-9f3d-4a6c-8b0a-9a44ad1b0a4e', status: 200 },
  'no guid': { path: '/guids/1', status: 404 },
  'letters within the length': { path: '/alphas/abc', status: 200 },
  'letters that are too many': { path: '/alphas/abcde', status: 404 },
  'two parameters in one part': { path: '/files/a.b.txt', status: 200, sees: { params: { name: 'a.b', type: 'txt' } } },
  'a decoded value': { path: '/alphas/%61b', status: 200, sees: { params: { name: 'ab' } } },
  'the first of two functions by name': { path: '/same/1', status: 200, sees: { params: { y: '1' } } },
  'a catch-all': { path: '/rest/a/b', status: 200, sees: { params: { rest: 'a/b' } } },
  'a route that the host keeps for itself': { path: '/administrators', status: 404 },
  'repeated query parameters': {
    path: '/echo?x=1&x=2',
    status: 200,
    sees: {
      buffered: { query: [['x', '1,2']], params: {} },
      streaming: {
        query: [
          ['x', '1'],
          ['x', '2'],
        ],
        params: { x: '2' },
      },
    },
  },
  'route values win over the query': { path: '/items/5?id=6', status: 200, sees: { params: { id: '5' } } },
  'a body with its length': {
    path: '/echo',
    request: { method: 'POST', body: '{"a":1,"b":{"c":2}}', headers: { ...json, 'content-length': 19 } },
    status: 200,
    sees: {
      buffered: { body: '{"a":1,"b":{"c":2}}', params: {} },
      streaming: { body: '{"a":1,"b":{"c":2}}', params: { a: '1' } },
    },
  },
  'a chunked body': {
    path: '/echo',
    request: { method: 'POST', body: ['one ', 'two'] },
    status: 200,
    sees: { buffered: { body: '' }, streaming: { body: 'one two' } },
  },
  'a body of GET': {
    path: '/echo',
    request: { body: 'text', headers: { 'content-length': 4 } },
    status: 200,
    sees: { body: '' },
  },
  'a body over the limit': {
    path: '/echo',
    request: { method: 'POST', body: long, headers: { 'content-length': long.length } },
    status: 500,
    body: '',
  },
  'a query parameter "headers"': {
    path: '/echo?headers=1',
    request: { headers: { authorization: 'Bearer x' } },
    status: 200,
    sees: { buffered: { headers: expect.objectContaining({ authorization: 'Bearer x' }) }, streaming: { headers: {} } },
  },
  'a JSON body member "headers"': {
    path: '/echo',
    request: { method: 'POST', body: '{"headers":[]}', headers: { ...json, 'content-length': 14, origin: 'http://a' } },
    status: 200,
    sees: {
      buffered: { headers: expect.objectContaining({ origin: 'http://a' }) },
      // A JSON body that comes without its length is not read by the host.
      streaming: { headers: expect.not.objectContaining({ origin: 'http://a' }) },
    },
  },
  'a JSON body member "headers" that is null': {
    path: '/echo',
    request: {
      method: 'POST',
      body: '{"headers":null}',
      headers: { ...json, 'content-length': 16, origin: 'http://a' },
    },
    status: 200,
    sees: { headers: expect.objectContaining({ origin: 'http://a' }) },
  },
  'a JSON body as deep as the host reads': {
    path: '/echo',
    request: nestedBody(64),
    status: 200,
    sees: { body: nested(64) },
  },
  'a JSON body that is deeper': { path: '/echo', request: nestedBody(65), status: 200, sees: { params: {} } },
  'a JSON body as deep as can be': { path: '/echo', request: nestedBody(4_990), status: 200, sees: { params: {} } },
  'headers that Node takes': { path: '/s', request: { headers: { 'x-big': 'a'.repeat(15_000) } }, status: 200 },
  // The host takes them, the library's own server does not.
  'headers over the limit of Node': {
    path: '/s',
    request: { headers: { 'x-big': 'a'.repeat(17_000) } },
    status: { buffered: 200, streaming: 504 },
  },
  'a request line at its limit': { path: `/s?${'a'.repeat(8192 - 'GET /s? HTTP/1.1\r\n'.length)}`, status: 200 },
  'a request line over its limit': {
    path: `/s?${'a'.repeat(8193 - 'GET /s? HTTP/1.1\r\n'.length)}`,
    status: 414,
    body: '',
  },
  'an invocation id of the client': {
    path: '/s',
    request: { headers: { 'x-ms-invocation-id': 'mine' } },
    status: 200,
  },
  'a function that throws': { path: '/throws', status: { buffered: 500, streaming: 504 } },
  'a function that returns nothing': { path: '/nothing', status: { buffered: 204, streaming: 504 } },
  'the status of the host': { path: '/admin/host/status', status: 200 },
  'an unknown admin path': { path: '/admin/unknown', status: 404 },
  'a path with bytes that must be encoded': { path: '/s?\u00e4', status: 400 },
  'two slashes at the start': { path: '//s', status: 404 },
};

for (const mode of ['buffered', 'streaming'] as const) {
  describe(`HTTP, ${mode}`, () => {
    for (const [name, { path, request: sent, status, sees, body }] of Object.entries(cases)) {
      it(name, async () => {
        const answer = await send(`${hosts[mode]?.url}${path}`, sent);
        expect(answer.status).toBe(typeof status === 'number' ? status : status[mode]);
        if (body !== undefined) expect(answer.body).toBe(body);
        if (sees === undefined) return;
        const expected = 'buffered' in sees ? sees[mode] : sees;
        expect(JSON.parse(answer.body)).toMatchObject(expected as object);
        if ('params' in (expected as object)) {
          expect(JSON.parse(answer.body).params).toEqual((expected as { params: unknown }).params);
        }
      });
    }

    it('sets cookies as this mode does', async () => {
      const { headers } = await send(`${hosts[mode]?.url}/cookies`);
      const cookie = 'c=v%20w; Max-Age=60; Path=/; HttpOnly; SameSite=Lax';
      expect(headers['set-cookie']).toEqual(mode === 'buffered' ? ['plain=1', cookie] : [cookie]);
      expect('x-ms-invocation-id' in headers).toBe(mode === 'streaming');
    });

    it('tells the address that the client asked for', async () => {
      const { body } = await send(`${hosts[mode]?.url}/echo?q=1`, { headers: { host: 'app.example:8080' } });
      expect(JSON.parse(body).url).toBe('http://app.example:8080/echo?q=1');
    });
  });
}

describe('HTTP, streaming', () => {
  it('sends events one by one, and all at once without streaming', async () => {
    const first = async (mode: string) => {
      const response = await fetch(`${hosts[mode]?.url}/events`);
      const reader = response.body?.getReader();
      const chunk = Buffer.from((await reader?.read())?.value ?? []).toString();
      while (!(await reader?.read())?.done);
      return chunk;
    };
    expect(await first('streaming')).toBe('data: 1\n\n');
    expect(await first('buffered')).toContain('data: 3');
  });

  it('does not tell a function that its client has left', async () => {
    const url = `${hosts['streaming']?.url}`;
    const before = Number((await send(`${url}/ended`)).body);
    const leaving = request(`${url}/events`).end();
    const [response] = await once(leaving, 'response');
    await once(response, 'data');
    leaving.destroy();
    await eventually(async () => Number((await send(`${url}/ended`)).body)).toBe(before + 1);
  });

  it('ends a chunked body over the limit in an error that the function meets where it reads', async () => {
    const answer = await send(`${hosts['streaming']?.url}/length`, { method: 'POST', body: [long, long] });
    expect(answer.body).toBe('not read');
    expect((await send(`${hosts['streaming']?.url}/length`, { method: 'POST', body: ['a', 'b'] })).body).toBe('2');
  });

  it('serves what comes after a body that the function did not read', async () => {
    const url = new URL(`${hosts['streaming']?.url}/s`);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (let n = 0; n < 4; n++) {
      const outgoing = request(url, { method: 'POST', agent, headers: { 'transfer-encoding': 'chunked' } });
      const answered = once(outgoing, 'response');
      outgoing.end(Buffer.alloc(300_000));
      const [response] = await answered;
      expect([response.statusCode, await text(response)]).toEqual([200, 'ok']);
    }
    expect((await send(url.href)).status).toBe(200);
  });

  it('writes what a failing function threw to the log, with its name', async () => {
    await eventually(() => lines.join('\n')).toMatch(/\[throws\] .*thrown on purpose/);
  });

  it('writes to the log why a body was not taken', async () => {
    await eventually(() => lines).toContain(
      `Request body too large: the limit is ${BODY_LIMIT_BYTES} bytes (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).`,
    );
  });
});

describe('a function for every path', () => {
  it.each([
    ['the path of another function', 'GET', '/s', 'plain'],
    ['a method that no other function of the path has', 'PUT', '/only-post', 'zzzAll'],
    ['a constraint that fails', 'GET', '/items/abc', 'zzzAll'],
    ['a path that the host keeps from functions', 'GET', '/administrators', 'zzzAll'],
    ['the root', 'GET', '/', 'zzzAll'],
  ])('%s', async (_name, method, path, served) => {
    const answer = await send(`${hosts['catching']?.url}${path}`, { method });
    expect([answer.status, answer.headers['x-function'] ?? 'plain']).toEqual([200, served]);
  });

  it('takes nothing from the host itself, and no method that it does not have', async () => {
    const url = hosts['catching']?.url;
    expect((await send(`${url}/admin/host/status`)).headers['x-function']).toBeUndefined();
    expect((await send(`${url}/x`, { method: 'DELETE' })).status).toBe(404);
  });
});

describe('function keys', () => {
  const rows: [path: string, key: string | undefined, status: number][] = [
    ['/s', undefined, 200],
    ['/keyed', undefined, 401],
    ['/keyed', 'wrong', 401],
    ['/keyed', 'o', 401],
    ['/keyed', 'f', 200],
    ['/keyed', 'h', 200],
    ['/keyed', 'm', 200],
    ['/for-admin', 'h', 401],
    ['/for-admin', 'm', 200],
    ['/admin/host/status', undefined, 401],
    ['/admin/host/status', 'h', 401],
    ['/admin/host/status', 'm', 200],
  ];
  for (const [path, key, status] of rows) {
    it(`${path} with ${key ?? 'no key'}: ${status}`, async () => {
      const url = `${hosts['keyed']?.url}${path}`;
      const answer = await send(url, key ? { headers: { 'x-functions-key': key } } : {});
      expect(answer.status).toBe(status);
      if (status === 401) expect(answer.body).toBe('');
      if (key) expect((await send(`${url}?code=${key}`)).status).toBe(status);
    });
  }

  it('hides the key from the parameters', async () => {
    expect(JSON.parse((await send(`${hosts['keyed']?.url}/keyed?code=f&a=1`)).body).params).toEqual({ a: '1' });
  });

  it('checks nothing without keys', async () => {
    expect((await send(`${hosts['streaming']?.url}/for-admin`)).status).toBe(200);
  });
});
