import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OverrideView } from '../../shared/limits/admin/change-overrides.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { ADMIN_KEY, startTestApp, type TestApp } from '../support/app.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, policy, quiet, tryCall, usd } from './helpers.ts';

let app: TestApp;
let limits: LimitService;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(async () => {
  await limits.close();
  await app.close();
});
beforeEach(async () => {
  await limits?.close();
  limits = createLimits({
    tables: new MemoryTables(),
    policies: [
      policy({ maxUsd: 50 }),
      policy({ name: 'each', scope: 'user', maxUsd: 1 }),
      policy({ name: 'calls', scope: 'account', unit: 'requests', maxUsd: undefined, max: 2 }),
    ],
    payi: { get: async () => undefined } as unknown as PayiClient['limits'],
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock: systemClock,
    telemetry: quiet,
  });
  Object.assign(app.services, { limits });
});

interface Answer<T> {
  status: number;
  etag: string | null;
  data: T;
  code?: string;
}
async function ask<T>(name: string, init: Parameters<TestApp['call']>[1] = {}): Promise<Answer<T>> {
  const headers = { 'x-functions-key': ADMIN_KEY, ...init.headers };
  const response = await app.call(name, { ...init, headers });
  return { status: response.status, etag: response.headers.get('etag'), ...((await response.json()) as { data: T }) };
}
const matching = (tag: string | undefined) => (tag === undefined ? {} : { headers: { 'if-match': tag } });
const set = (id: string, key: string, json: object, tag?: string) =>
  ask<OverrideView>('set-limit-override', { method: 'PUT', params: { id, key }, json, ...matching(tag) });
const read = (id: string, key: string) => ask<OverrideView>('get-limit-override', { params: { id, key } });
const list = (id: string) => ask<{ overrides: OverrideView[] }>('list-limit-overrides', { params: { id } });
const remove = (id: string, key: string, tag?: string) =>
  ask('delete-limit-override', { method: 'DELETE', params: { id, key }, ...matching(tag) });
const passes = (userId: string, amount: number) =>
  tryCall(limits.gate, usd(amount), usd(amount), { userId, occurredAtMs: Date.now() });

test('a name with a slash, of which the host leaves the escape in the path, is that name', async () => {
  const made = await set('calls', 'north%2Fsouth', { max: 3 });
  expect(made).toMatchObject({ status: 200, data: { name: 'north/south', max: 3 } });
  expect((await read('calls', 'north%2Fsouth')).data.name).toBe('north/south');
  expect((await remove('calls', 'north%2Fsouth', made.data.etag)).status).toBe(200);
});

test('an admin raises one user for a time, sees it, and takes it back', async () => {
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const made = await set('each', 'kim', { maxUsd: 3, until });
  expect(made).toMatchObject({ status: 200, data: { name: 'kim', maxUsd: 3, until, hasEnded: false } });
  expect(made.etag).toBe(made.data.etag);
  expect([await passes('kim', 2), await passes('sam', 2)]).toEqual([true, false]);
  expect((await list('each')).data.overrides).toEqual([made.data]);
  expect((await read('each', 'kim')).data).toEqual(made.data);
  const { data } = await ask<{ limits: { policy: string; maxUsd: number; leftUsd: number }[] }>('list-limits');
  const shown = data.limits.filter((limit) => limit.policy === 'each').map((limit) => [limit.maxUsd, limit.leftUsd]);
  expect(shown.sort()).toEqual([
    [1, 1],
    [3, 1],
  ]);
  expect(await remove('each', 'kim', made.data.etag)).toMatchObject({ status: 200, data: { deleted: 'kim' } });
  expect(await passes('kim', 0.1)).toBe(false);
  expect(await read('each', 'kim')).toMatchObject({ status: 404, code: 'override_not_found' });
});

test('a user is named as calls name the user; the stored name of an e-mail address is its pseudonym', async () => {
  const { data } = await set('each', 'Kim@example.com', { maxUsd: 3 });
  expect(data.name).toMatch(/^user-[0-9a-f]{24}$/);
  expect((await read('each', 'kim@example.com')).data).toEqual(data);
  expect((await read('each', data.name)).data).toEqual(data);
  expect(await passes(data.name, 2)).toBe(true);
});

test('a limit of requests has an override of requests', async () => {
  expect((await set('calls', 'Acme Ltd', { max: 3 })).status).toBe(200);
  const one = () => limits.gate.hold(call(usd(0.01), { accountName: 'Acme Ltd', occurredAtMs: Date.now() }));
  const held = [await one(), await one(), await one()];
  await expect(one()).rejects.toMatchObject({ code: 'limit_reached' });
  for (const hold of held) await hold.settle(null, 'failed');
});

test('a change says which override it is of', async () => {
  const { data: first } = await set('each', 'kim', { maxUsd: 2 });
  expect(await set('each', 'kim', { maxUsd: 3 })).toMatchObject({ status: 428 });
  expect(await set('each', 'sam', { maxUsd: 3 }, first.etag)).toMatchObject({ status: 412 });
  const both = await Promise.all([
    set('each', 'kim', { maxUsd: 3 }, first.etag),
    set('each', 'kim', { maxUsd: 4 }, first.etag),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  expect(await remove('each', 'kim')).toMatchObject({ status: 428 });
  expect(await remove('each', 'kim', first.etag)).toMatchObject({ status: 412 });
  expect(await remove('each', 'kim', '*')).toMatchObject({ status: 200 });
  expect(await remove('each', 'kim', '*')).toMatchObject({ status: 404 });
});

test.each<[string, string, string, object, number, string]>([
  ['of a policy that there is not', 'nobody', 'kim', { maxUsd: 2 }, 404, 'limit_not_found'],
  ['of the id of one limit', 'each:2026-11-27:zzzz', 'kim', { maxUsd: 2 }, 404, 'limit_not_found'],
  ['of a policy with one limit for all', 'daily', 'kim', { maxUsd: 2 }, 400, 'invalid_override'],
  ['without a maximum', 'each', 'kim', {}, 400, 'invalid_override'],
  ['in another unit', 'calls', 'Acme', { maxUsd: 2 }, 400, 'invalid_override'],
  ['in two units', 'each', 'kim', { maxUsd: 2, max: 2 }, 400, 'invalid_override'],
  ['that has ended', 'each', 'kim', { maxUsd: 2, until: '2020-01-01T00:00:00Z' }, 400, 'invalid_override'],
  ['until no time', 'each', 'kim', { maxUsd: 2, until: 'tomorrow' }, 400, 'invalid_request'],
  ['of nothing', 'each', 'kim', { maxUsd: 0 }, 400, 'invalid_request'],
])('an override %s is refused', async (_what, id, key, json, status, code) => {
  expect(await set(id, key, json)).toMatchObject({ status, code });
  expect(limits.policies.overrides().size).toBe(0);
});

test('the last change of an override is taken back, a deletion too, and no other', async () => {
  const undo = (change: string) =>
    ask<{ override: OverrideView | null }>('undo-limit-override', {
      method: 'POST',
      params: { id: 'each', key: 'kim' },
      json: { change },
    });
  const lastId = async () => {
    const { changes } = await app.services.adminLog.list({ target: 'each/kim', most: 1 });
    return changes[0]?.id ?? '';
  };
  const first = await set('each', 'kim', { maxUsd: 3 });
  const firstId = await lastId();
  const second = await set('each', 'kim', { maxUsd: 7 }, first.data.etag);
  expect((await undo(firstId)).code).toBe('change_overtaken');
  expect((await undo(await lastId())).data.override).toMatchObject({ maxUsd: 3, etag: first.data.etag });
  expect((await undo(await lastId())).data.override).toMatchObject({ maxUsd: 7, etag: second.data.etag });
  await remove('each', 'kim', second.data.etag);
  expect((await undo(await lastId())).data.override).toMatchObject({ maxUsd: 7 });
  expect([await passes('kim', 6), await passes('sam', 6)]).toEqual([true, false]);
  const strange = await ask('undo-limit-override', {
    method: 'POST',
    params: { id: 'each', key: 'nobody' },
    json: { change: 'x' },
  });
  expect([strange.status, strange.code]).toEqual([404, 'override_not_found']);
});
