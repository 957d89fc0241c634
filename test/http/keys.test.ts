import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreateKey } from '../../shared/identity/keys/key-requests.ts';
import { expandPolicies } from '../../shared/limits/policies/limit-id.ts';
import { policySchema } from '../../shared/limits/policies/policy.ts';
import { createMeter } from '../../shared/tracking/meter.ts';
import { ADMIN_KEY, envelope, startTestApp, type TestApp } from '../support/app.ts';
import { recording } from '../support/recording.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const admin = { 'x-functions-key': ADMIN_KEY };
const asAdmin = (name: string, method: string, json?: unknown, params: Record<string, string> = {}) =>
  app.call(name, { method, anonymous: true, headers: admin, params, ...(json !== undefined && { json }) });

let made = 0;
/** A new key with these rights, as a header. */
async function keyWith(rights: Partial<CreateKey>): Promise<Record<string, string>> {
  const answer = await asAdmin('create-key', 'POST', { name: `key-${++made}`, ...rights });
  expect(answer.status).toBe(201);
  return { 'x-functions-key': (await envelope(answer)).data.key };
}

const search = { location: 'Moab, Utah', searchRadius: 50 };
const find = (headers: Record<string, string>) => app.call('search-trails', { anonymous: true, headers, json: search });

test('an admin creates, lists, changes, rotates and revokes a key', async () => {
  const created = await envelope(await asAdmin('create-key', 'POST', { name: 'partner', useCases: ['trail_finder'] }));
  expect(created.data.keys).toEqual([
    {
      name: 'partner',
      role: 'user',
      namesUsers: false,
      useCases: ['trail_finder'],
      createdAt: expect.any(String),
      createdBy: 'operator',
      state: 'active',
      secrets: [{ createdAt: expect.any(String) }],
    },
  ]);
  const key = { 'x-functions-key': created.data.key };
  expect((await find(key)).status).toBe(200);
  expect(app.usage.at(-1)).toMatchObject({ userId: 'partner' });
  const changed = await asAdmin('change-key', 'PATCH', { useCases: null, account: 'Acme' }, { name: 'partner' });
  expect((await envelope(changed)).data.keys[0]).toMatchObject({ account: 'Acme' });
  expect((await find(key)).status).toBe(200);
  expect(app.usage.at(-1)).toMatchObject({ userId: 'partner', accountName: 'Acme' });
  const rotated = await envelope(await asAdmin('rotate-key', 'POST', {}, { name: 'partner' }));
  expect(rotated.data.keys[0].secrets).toEqual([
    { createdAt: expect.any(String) },
    { createdAt: expect.any(String), endsAt: expect.any(String) },
  ]);
  const second = { 'x-functions-key': rotated.data.key };
  for (const headers of [key, second]) expect((await find(headers)).status).toBe(200);
  const listed = await envelope(await asAdmin('list-keys', 'GET'));
  expect(listed.data.keys).toEqual([
    (await envelope(await asAdmin('get-key', 'GET', undefined, { name: 'partner' }))).data.keys[0],
  ]);
  const revoked = await envelope(await asAdmin('revoke-key', 'DELETE', undefined, { name: 'partner' }));
  expect(revoked.data.keys[0].state).toBe('revoked');
  for (const headers of [key, second]) expect((await find(headers)).status).toBe(401);
});

test.each([
  ['a name with a blank', { name: 'a b' }, 'name'],
  ['an unknown route', { name: 'a', routes: ['POST /api/nothing'] }, 'routes.0'],
  ['an end in the past', { name: 'a', expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
  ['an empty list', { name: 'a', models: [] }, 'models'],
  ['an unknown member', { name: 'a', admin: true }, 'admin'],
])('%s is refused', async (_what, body, field) => {
  const answer = await envelope(await asAdmin('create-key', 'POST', body));
  expect(answer.details.fields.map((problem: { field: string }) => problem.field)).toEqual([field]);
});

describe('a key that is not for what is asked', () => {
  const refused = async (answer: Awaited<ReturnType<TestApp['call']>>) => {
    expect(answer.status).toBe(403);
    const { code, details } = await envelope(answer);
    expect(code).toBe('key_not_allowed');
    return details.kind;
  };

  test.each<[string, Partial<CreateKey>]>([
    ['use case', { useCases: ['trail_analysis'] }],
    ['model', { models: ['claude-haiku-5-5'] }],
    ['route', { routes: ['POST /api/analyze'] }],
  ])('gets 403 for another %s, and no model is called', async (kind, rights) => {
    const headers = await keyWith(rights);
    const calls = app.model.answered();
    expect(await refused(await find(headers))).toBe(kind);
    expect(app.model.answered()).toBe(calls);
  });

  test('gets what it is for', async () => {
    const headers = await keyWith({
      useCases: ['trail_finder'],
      models: [app.services.settings.MODEL_FINDER],
      routes: ['POST /api/trail-finder/search'],
    });
    expect((await find(headers)).status).toBe(200);
  });

  test('gets 403 when it names a user or an account and may not', async () => {
    const headers = await keyWith({});
    expect(await refused(await find({ ...headers, 'x-user-id': 'sam' }))).toBe('user');
    expect(await refused(await find({ ...headers, 'x-account-name': 'Acme' }))).toBe('account');
    const naming = await keyWith({ namesUsers: true, account: 'Acme' });
    expect((await find({ ...naming, 'x-user-id': 'sam', 'x-account-name': 'Acme' })).status).toBe(200);
    expect(app.usage.at(-1)).toMatchObject({ userId: 'sam', accountName: 'Acme' });
    expect(await refused(await find({ ...naming, 'x-account-name': 'Other' }))).toBe('account');
  });

  test('gets 403 for scores and instances of another use case', async () => {
    const headers = await keyWith({ useCases: ['trail_analysis'] });
    const useCase = { name: 'trail_finder', id: 'some' };
    const json = { useCase, kpis: [{ name: 'a', score: 1 }] };
    expect(await refused(await app.call('record-kpis', { anonymous: true, headers, json }))).toBe('use case');
    const params = { name: 'trail_finder', id: 'some' };
    const read = await app.call('get-instance', { method: 'GET', anonymous: true, headers, params });
    expect(await refused(read)).toBe('use case');
  });
});

test('limits of scope key count the calls of each key by itself', async () => {
  const policy = policySchema.parse({ name: 'per-key', scope: 'key', window: 'none', maxUsd: 1, type: 'block' });
  const call = { useCaseName: 'x', occurredAtMs: 0 };
  expect(expandPolicies([policy], call)).toEqual([]);
  expect(expandPolicies([policy], { ...call, keyName: 'app' })[0]?.limitId).toBe('per-key:always:app');
  const record = recording();
  const own = await startTestApp(
    {},
    { gate: record.gate, meter: createMeter({ ...record, clock: app.services.clock }) },
  );
  try {
    const key = (await own.services.keys.create({ name: 'app', role: 'user', namesUsers: false }, 'op')).key;
    await own.call('search-trails', { anonymous: true, headers: { 'x-functions-key': key }, json: search });
    await own.call('search-trails', { json: search });
    expect(record.holds.map(({ keyName }) => keyName)).toEqual(['app', 'front-end']);
  } finally {
    await own.close();
  }
});
