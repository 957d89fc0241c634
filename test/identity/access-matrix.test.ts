import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../shared/api/routes.ts';
import type { Route } from '../../shared/http/route.ts';
import type { CreateKey } from '../../shared/identity/keys/key-requests.ts';
import { createKeyService } from '../../shared/identity/keys/key-service.ts';
import { ADMIN_KEY, KEY, startTestApp, type TestApp } from '../support/app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { recording } from '../support/recording.ts';
import { startIssuer } from './jwks-server.ts';
import { sessionOf } from './session-of.ts';

/** Which credential is read on a route: those of IDENTITY_ORDER, or the key in its path alone. */
const byPath = ({ path }: Route): boolean => path.includes('{token}');
const PATH_KEY = 'a-key-that-stands-in-paths';
const SECRET = 'the secret of the front-end';

/** What the restricted key may call. */
const allowed = ['GET /api/limits', 'GET /api/admin/keys', 'POST /api/kpis', 'POST /anthropic/v1/messages'];

/** Moved after the keys were made, so that one of them expires. */
const clock = new ManualClock(Date.now());

let app: TestApp;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let credentials: Record<string, Record<string, string>>;
beforeAll(async () => {
  issuer = await startIssuer();
  const sign = await issuer.addKey('first');
  const forger = await issuer.addKey('unknown', { publish: false });
  const at = (end: string) => (token: Parameters<NonNullable<Parameters<typeof sign>[1]>>[0]) =>
    token.setExpirationTime(end);
  const bearer = async (token: Promise<string> | string) => ({ authorization: `Bearer ${await token}` });
  const cookie = async (role: string, secret = SECRET) => ({
    cookie: `authjs.session-token=${await sessionOf({ sub: 'u-1', role }, secret)}`,
    'x-requested-with': 'a page of this app',
  });
  const principal = Buffer.from(
    JSON.stringify({
      claims: [
        { typ: 'sub', val: 'eve' },
        { typ: 'roles', val: 'admin' },
      ],
    }),
  ).toString('base64');
  const keys = createKeyService({ tables: new MemoryTables(), clock, telemetry: recording().telemetry, taken: [] });
  const keyOf = async (name: string, rights: Partial<CreateKey> = {}) => {
    const { key } = await keys.create({ name, role: 'user', namesUsers: false, ...rights }, 'op');
    return { 'x-functions-key': key };
  };
  const expiring = await keyOf('expired', { role: 'admin', expiresAt: new Date(clock.now() + 1_000).toISOString() });
  const revoked = await keyOf('revoked', { role: 'admin' });
  await keys.revoke('revoked');
  const rotated = await keyOf('rotated', { role: 'admin' });
  await keys.rotate('rotated', 0);
  const narrow = await keyOf('narrow', { routes: allowed });
  const asSdk = { 'x-api-key': (key: string) => ({ 'x-api-key': key }), bearer: (key: string) => bearer(key) };
  credentials = {
    nobody: {},
    'user: key': { 'x-functions-key': KEY },
    'user: token': await bearer(sign()),
    'user: session': await cookie('user'),
    'admin: key': { 'x-functions-key': ADMIN_KEY },
    'admin: token': await bearer(sign({ roles: ['admin'] })),
    'admin: session': await cookie('admin'),
    'user: key record': await keyOf('service'),
    'admin: key record': await keyOf('robot', { role: 'admin' }),
    'restricted user: key record': narrow,
    'restricted admin: key record': await keyOf('narrow-admin', { role: 'admin', routes: allowed }),
    'wrong: expired key': expiring,
    'wrong: revoked key': revoked,
    'wrong: key rotated out': rotated,
    'wrong: key': { 'x-functions-key': 'not-one-of-the-keys' },
    'wrong: key for paths in a header': { 'x-functions-key': PATH_KEY },
    'wrong: expired token': await bearer(sign({}, at('-1h'))),
    'wrong: audience': await bearer(sign({}, (token) => token.setAudience('other').setExpirationTime('5m'))),
    'wrong: unknown kid': await bearer(forger({ roles: ['admin'] })),
    'wrong: alg none': await bearer(
      new UnsecuredJWT({ sub: 'eve', roles: ['admin'] }).setIssuer(issuer.issuer).setExpirationTime('5m').encode(),
    ),
    'wrong: not a token': await bearer('sk-ant-something'),
    'wrong: forged principal': { 'x-ms-client-principal': principal },
    'SDK user: x-api-key': asSdk['x-api-key'](KEY),
    'SDK user: bearer': await asSdk.bearer(KEY),
    'SDK user: key record as x-api-key': asSdk['x-api-key']((await keyOf('sdk'))['x-functions-key']),
    'restricted SDK user: x-api-key': asSdk['x-api-key'](narrow['x-functions-key']),
    'restricted SDK user: bearer': await asSdk.bearer(narrow['x-functions-key']),
    'wrong SDK: x-api-key': asSdk['x-api-key']('not-one-of-the-keys'),
    'wrong SDK: expired x-api-key': asSdk['x-api-key'](expiring['x-functions-key']),
    'wrong SDK: revoked bearer': await asSdk.bearer(revoked['x-functions-key']),
    'wrong SDK: key for paths as x-api-key': asSdk['x-api-key'](PATH_KEY),
    'wrong: session of another secret': await cookie('admin', 'another secret'),
    'wrong: key with a session': { 'x-functions-key': 'not-one-of-the-keys', ...(await cookie('admin')) },
    'wrong: token with a session': { ...(await bearer(forger())), ...(await cookie('admin')) },
  };
  const settings = {
    ACCESS_KEYS: JSON.stringify({
      'front-end': { key: KEY },
      operator: { key: ADMIN_KEY, role: 'admin' },
      proxy: { key: PATH_KEY, only: 'path' },
    }),
    JWT_ISSUERS: JSON.stringify([{ issuer: issuer.issuer, audience: 'trailmeter', jwksUrl: `${issuer.issuer}/keys` }]),
    AUTH_SECRET: SECRET,
  };
  app = await startTestApp(settings, { keys });
  await clock.pass(1_000);
});
afterAll(async () => {
  await app.close();
  await issuer.close();
});

/** 401, 403, or `admitted` for whatever a route answers to a caller whom it lets in. */
async function outcome(route: Route, headers: Record<string, string>, token = 'wrong'): Promise<string> {
  const params = Object.fromEntries([...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, 'x']));
  const answer = await app.call(route.function, {
    method: route.method,
    anonymous: true,
    headers,
    params: { ...params, ...('token' in params && { token }) },
    ...(route.method !== 'GET' && { json: {} }),
  });
  return answer.status === 401 || answer.status === 403 ? String(answer.status) : 'admitted';
}

/** SDKs send a key in headers of their own, which gateways alone read. */
const isGateway = ({ dialect }: Route): boolean => ['anthropic', 'openai', 'payi-proxy'].includes(dialect);

function expected(route: Route, who: string): string {
  const { access, method, path } = route;
  if (access === 'anyone') return 'admitted';
  if (!/^(restricted )?(SDK )?(user|admin): /.test(who)) return '401';
  if (who.includes('SDK') && !isGateway(route)) return '401';
  if (who.startsWith('restricted') && !allowed.includes(`${method} ${path}`)) return '403';
  return access === 'admin' && !/^(restricted )?admin/.test(who) ? '403' : 'admitted';
}

const who = [
  ...['nobody', 'user: key', 'user: token', 'user: session', 'admin: key', 'admin: token', 'admin: session'],
  ...['user: key record', 'admin: key record', 'restricted user: key record', 'restricted admin: key record'],
  ...['wrong: expired key', 'wrong: revoked key', 'wrong: key rotated out'],
  ...['wrong: key', 'wrong: key for paths in a header', 'wrong: expired token', 'wrong: audience'],
  ...['wrong: unknown kid', 'wrong: alg none', 'wrong: not a token', 'wrong: forged principal'],
  ...['SDK user: x-api-key', 'SDK user: bearer', 'SDK user: key record as x-api-key'],
  ...['restricted SDK user: x-api-key', 'restricted SDK user: bearer'],
  ...['wrong SDK: x-api-key', 'wrong SDK: expired x-api-key', 'wrong SDK: revoked bearer'],
  ...['wrong SDK: key for paths as x-api-key'],
  ...['wrong: session of another secret', 'wrong: key with a session', 'wrong: token with a session'],
];

test('every kind of caller is in the matrix', () => {
  expect(Object.keys(credentials)).toEqual(who);
  expect(routes.length).toBeGreaterThan(30);
});

describe.each(routes.filter((route) => !byPath(route)))('$method $path', (route) => {
  test('admits whom it should, and nobody else', async () => {
    const found: Record<string, string> = {};
    for (const name of who) found[name] = await outcome(route, credentials[name] ?? {});
    expect(found).toEqual(Object.fromEntries(who.map((name) => [name, expected(route, name)])));
  });
});

describe.each(routes.filter(byPath))('$method $path', (route) => {
  test('admits the key for paths alone', async () => {
    const refused = route.access === 'anyone' ? 'admitted' : '401';
    expect(await outcome(route, {}, PATH_KEY)).toBe('admitted');
    for (const token of ['wrong', KEY, ADMIN_KEY]) expect(await outcome(route, {}, token)).toBe(refused);
    for (const name of who) expect(await outcome(route, credentials[name] ?? {}, 'wrong')).toBe(refused);
  });
});
