import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PayiStandin, startPayi } from '../../infra/local/payi/src/server.ts';
import type { LimitView } from '../../shared/limits/admin/limit-view.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import { windowAt } from '../../shared/limits/policies/window.ts';
import { readState } from '../../shared/limits/state/change-state.ts';
import { newState, type StateRow } from '../../shared/limits/state/limit-rows.ts';
import { createPayiClient, type PayiClient } from '../../shared/payi/client.ts';
import { costing } from '../support/amounts.ts';
import { ADMIN_KEY, startTestApp, type TestApp } from '../support/app.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, clockFromNoon, policy, quiet, usd } from './helpers.ts';

let payi: PayiStandin;
let atPayi: PayiClient;
let limits: LimitService;
let app: TestApp;
const clock = clockFromNoon();
const day = `daily:${windowAt({ window: 'day' }, clock.now()).text}`;

beforeAll(async () => {
  payi = await startPayi();
  atPayi = createPayiClient({ baseUrl: payi.url, apiKey: 'key', timeoutMs: 60_000 });
  limits = createLimits({
    tables: new MemoryTables(),
    policies: [
      policy({ threshold: 0.8 }),
      policy({ name: 'each', scope: 'user', maxUsd: 2, atPayi: true }),
      policy({ name: 'cap', window: 'none' }),
    ],
    payi: atPayi.limits,
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock,
    telemetry: quiet,
  });
  app = await startTestApp({}, { limits, clock });
});
afterAll(async () => {
  await limits.close();
  await app.close();
  await payi.close();
});

const admin = { 'x-functions-key': ADMIN_KEY };
const changing = { ...admin, 'if-match': '*' };
async function answer(name: string, init: Parameters<TestApp['call']>[1] = {}) {
  const response = await app.call(name, init);
  return { status: response.status, ...((await response.json()) as { data?: Record<string, unknown>; code?: string }) };
}

const spentOf = async (id: string) =>
  (await answer('get-limit', { headers: admin, params: { id } })).data?.['spentUsd'];

test('a caller sees their own limits, an admin all that were used', async () => {
  const hold = await limits.gate.hold(call(usd(1), { userId: 'someone-else', occurredAtMs: clock.now() }));
  await hold.settle(costing(usd(1)), 'succeeded');
  for (const id of hold.limitIds) await expect.poll(() => spentOf(id)).toBe(1);
  const own = await answer('list-limits');
  const ids = (data: unknown) => (data as { limits: { limitId: string }[] }).limits.map(({ limitId }) => limitId);
  expect(ids(own.data)).toHaveLength(3);
  expect(ids(own.data)).not.toContain(hold.limitIds[2]);
  const all = await answer('list-limits', { headers: admin });
  expect(ids(all.data)).toEqual(expect.arrayContaining(hold.limitIds));
  const whose = (data: unknown, policy: string) =>
    (data as { limits: LimitView[] }).limits.filter((limit) => limit.policy === policy).map((limit) => limit.whose);
  expect(whose(all.data, 'each')).toEqual([{ user: 'someone-else' }]);
  expect(whose(all.data, 'daily')).toEqual([null]);
  const { userId } = (await answer('show-caller')).data as { userId: string };
  expect(whose(own.data, 'each')).toEqual([{ user: userId }]);
  const [mine = ''] = ids(own.data).filter((id) => id.startsWith('each:'));
  expect((await answer('get-limit', { params: { id: mine } })).data).toMatchObject({ whose: { user: userId } });
  const theirs = hold.limitIds.find((id) => id.startsWith('each:')) ?? '';
  expect((await answer('get-limit', { params: { id: theirs }, headers: admin })).data).toMatchObject({
    whose: { user: 'someone-else' },
  });
  const details = await answer('get-limit', { headers: admin, params: { id: day } });
  expect(details.data).toMatchObject({
    limitId: day,
    maxUsd: 5,
    thresholdUsd: 4,
    spentUsd: 1,
    state: 'ok',
    window: 'day',
  });
  const foreign = hold.limitIds.find((id) => id.startsWith('each')) ?? '';
  expect(await answer('get-limit', { params: { id: foreign } })).toMatchObject({
    status: 404,
    code: 'limit_not_found',
  });
});

test('a caller sees the limits of the use cases that were called, and of no other', async () => {
  await limits.policies.change('feature', 'ops', () => policy({ name: 'feature', scope: 'use_case', maxUsd: 3 }));
  const facts = { occurredAtMs: clock.now() };
  for (const useCaseName of ['trail_finder', 'trail_planner']) {
    const hold = await limits.gate.hold(call(usd(0.5), { ...facts, useCaseName }));
    await hold.settle(costing(usd(0.5)), 'succeeded');
  }
  const seen = async () =>
    ((await answer('list-limits')).data as { limits: LimitView[] }).limits
      .filter(({ policy: name }) => name === 'feature')
      .map(({ limitId, state }) => [limitId, state]);
  const [, period = ''] = day.split(':');
  await expect.poll(seen).toEqual([
    [`feature:${period}:trail_finder`, 'ok'],
    [`feature:${period}:trail_planner`, 'ok'],
  ]);
  const one = await answer('get-limit', { params: { id: `feature:${period}:trail_planner` } });
  expect(one.data).toMatchObject({ state: 'ok', scope: 'use_case' });
  await limits.policies.change('feature', 'ops', () => undefined);
});

test('a user sees whether a shared limit has room, and none of its figures; of the own limit all', async () => {
  await limits.policies.change('small', 'ops', () => policy({ name: 'small', maxUsd: 0.25 }));
  const hold = await limits.gate.hold(call(usd(0.25), { userId: 'a-third', occurredAtMs: clock.now() }));
  await hold.settle(costing(usd(0.25)), 'succeeded');
  const [, period = ''] = day.split(':');
  const shared = (name: string, state: string) => ({
    limitId: `${name}:${period}`,
    policy: name,
    scope: 'global',
    window: 'day',
    type: 'block',
    shadow: false,
    state,
    resetsAt: expect.any(String),
  });
  const seen = async () => ((await answer('list-limits')).data as { limits: LimitView[] }).limits;
  await expect
    .poll(seen)
    .toEqual(
      expect.arrayContaining([
        shared('daily', 'ok'),
        shared('small', 'reached'),
        expect.objectContaining({ policy: 'each', scope: 'user', spentUsd: 0, maxUsd: 2, leftUsd: 2 }),
      ]),
    );
  expect((await answer('get-limit', { params: { id: day } })).data).toEqual(shared('daily', 'ok'));
  const own = (await seen()).find(({ policy: name }) => name === 'each')?.limitId ?? '';
  expect((await answer('get-limit', { params: { id: own } })).data).toMatchObject({ spentUsd: 0, requests: {} });
  await limits.policies.change('small', 'ops', () => undefined);
});

test('a limit tells its requests by state as Pay-i counts them, also while Pay-i gives no answer', async () => {
  const limitId = 'cap:always';
  await limits.ensureLimits([limitId]);
  const event = { category: 'system.anthropic', resource: 'claude-sonnet-5-5', limit_ids: [limitId] };
  await atPayi.ingest.bulk([
    { ...event, units: { text: { input: 1_000 } }, provider_response_id: 'a' },
    { ...event, units: { text: { input: 1_000 } }, provider_response_id: 'b' },
    { ...event, units: {}, http_status_code: 500, provider_response_id: 'c' },
  ]);
  const read = async () => (await answer('get-limit', { headers: admin, params: { id: limitId } })).data;
  const counted = { ok: 2, failed: 1 };
  expect(await read()).toMatchObject({ limitId, requests: counted, payi: { spentUsd: expect.any(Number) } });
  limits.refreshLimits(new Map([[limitId, 1n]]));
  const kept = async () => ((await limits.limits.get(limitId, 'state')) as StateRow | undefined)?.payiRequests ?? '{}';
  await expect.poll(kept).not.toBe('{}');
  payi.faults.add({ status: 503 });
  expect(await read()).toMatchObject({ requests: counted });
  payi.faults.clear();
});

describe('an admin', () => {
  test('creates, changes and deletes a policy, and the trail says so', async () => {
    const body = { name: 'team', scope: 'account', window: 'month', maxUsd: 20, type: 'block' };
    expect(await answer('create-limit', { method: 'POST', headers: admin, json: body })).toMatchObject({
      status: 201,
    });
    const again = await answer('create-limit', { method: 'POST', headers: admin, json: body });
    expect(again).toMatchObject({ status: 409, code: 'limit_exists' });
    const changed = await answer('update-limit', {
      method: 'PUT',
      headers: changing,
      params: { id: 'team' },
      json: { maxUsd: 30 },
    });
    expect(changed.data).toMatchObject({ name: 'team', maxUsd: 30 });
    expect(await answer('delete-limit', { method: 'DELETE', headers: changing, params: { id: 'team' } })).toMatchObject(
      {
        status: 200,
      },
    );
    const trail = await answer('list-limit-policies', { headers: admin });
    const { changes } = trail.data as { changes: { name: string; changedBy: string }[] };
    expect(changes.filter(({ name }) => name === 'team').map(({ changedBy }) => changedBy)).toEqual([
      'sam',
      'sam',
      'sam',
    ]);
  });

  test.each(['each:2026-11-27:zzzz', 'each:always', day, 'nobody', '..', 'a/b#?%', `each${'x'.repeat(2_000)}`])(
    'changes and deletes a policy under its name only: %s is 404',
    async (id) => {
      const notFound = { status: 404, code: 'limit_not_found' };
      const params = { id };
      const json = { maxUsd: 1_000 };
      expect(await answer('update-limit', { method: 'PUT', headers: changing, params, json })).toMatchObject(notFound);
      expect(await answer('delete-limit', { method: 'DELETE', headers: changing, params })).toMatchObject(notFound);
      expect(limits.policies.find('each')).toMatchObject({ maxUsd: 2 });
      expect(limits.policies.find('daily')).toMatchObject({ maxUsd: 5 });
    },
  );

  test.each(['each:2026-11-27:zzzz', 'each:always', 'daily:2020-01-01', 'each', 'nobody', '..', 'a/b#?%'])(
    'reads and resets no limit that does not exist: %s is 404',
    async (id) => {
      const notFound = { status: 404, code: 'limit_not_found' };
      const params = { id };
      expect(await answer('get-limit', { headers: admin, params })).toMatchObject(notFound);
      expect(await answer('reset-limit', { method: 'POST', headers: admin, params })).toMatchObject(notFound);
      const json = { abandonedUsd: 1, actualUsd: 0 };
      expect(await answer('correct-limit', { method: 'POST', headers: admin, params, json })).toMatchObject(notFound);
    },
  );

  test('may send the guide’s shape', async () => {
    const json = { limit_name: 'Weekly cap', limit_type: 'block', max: 10, threshold: 8 };
    const made = await answer('create-guide-limit', { method: 'POST', headers: admin, json });
    expect(made).toMatchObject({ status: 201, data: { name: 'weekly-cap', threshold: 0.8 } });
    const refused = await answer('create-guide-limit', {
      method: 'POST',
      headers: admin,
      json: { ...json, threshold: 2 },
    });
    expect(refused).toMatchObject({ status: 400, code: 'invalid_threshold' });
  });

  test('reads in the trail who changed what when', async () => {
    const body = { name: 'trailed', scope: 'global', window: 'month', maxUsd: 20, type: 'block' };
    await answer('create-limit', { method: 'POST', headers: admin, json: body });
    await answer('update-limit', {
      method: 'PUT',
      headers: changing,
      params: { id: 'trailed' },
      json: { maxUsd: 30, shadow: true },
    });
    await answer('delete-limit', { method: 'DELETE', headers: changing, params: { id: 'trailed' } });
    const { changes } = (await answer('list-limit-policies', { headers: admin })).data as {
      changes: { name: string; changedBy: string; changedAt: string; from: unknown; to: unknown }[];
    };
    const trail = changes.filter(({ name }) => name === 'trailed');
    const before = expect.objectContaining({ maxUsd: 20, shadow: false });
    const after = expect.objectContaining({ maxUsd: 30, shadow: true });
    expect(trail).toMatchObject([
      { from: after, to: null },
      { from: before, to: after },
      { from: null, to: before },
    ]);
    for (const { changedBy, changedAt } of trail) {
      expect(changedBy).toBe('sam');
      expect(Math.abs(Date.parse(changedAt) - clock.now())).toBeLessThan(60_000);
    }
  });

  test('takes back what was booked for calls of a process that died, once', async () => {
    const id = `each:${day.slice('daily:'.length)}:somebody`;
    const booked = { settledNano: usd(2.5), abandonedNano: usd(1.5), maxNano: usd(2), warnNano: usd(2), level: 2 };
    await limits.limits.insert({ ...newState(id), ...booked });
    const correct = (json: unknown) =>
      answer('correct-limit', { method: 'POST', headers: admin, params: { id }, json });
    expect(await correct({ abandonedUsd: 1, actualUsd: 0 })).toMatchObject({
      status: 409,
      code: 'abandoned_differs',
      details: { abandonedUsd: 1.5 },
    });
    expect(await correct({ abandonedUsd: 1.5, actualUsd: 2 })).toMatchObject({ status: 400 });
    const corrected = { spentUsd: 1.25, abandonedUsd: 0, leftUsd: 0.75, state: 'ok' };
    expect(await correct({ abandonedUsd: 1.5, actualUsd: 0.25 })).toMatchObject({ status: 200, data: corrected });
    expect(await correct({ abandonedUsd: 1.5, actualUsd: 0.25 })).toMatchObject({ status: 409 });
    expect(await readState(limits.limits, id)).toMatchObject({ level: 0, settledNano: usd(1.25) });
    const changes = [
      {
        what: 'corrected',
        changedBy: 'sam',
        changedAt: expect.any(String),
        from: { spentUsd: 2.5, abandonedUsd: 1.5 },
        to: { spentUsd: 1.25, abandonedUsd: 0 },
      },
    ];
    expect((await answer('get-limit', { headers: admin, params: { id } })).data).toMatchObject({ changes });
    const unknown = {
      method: 'POST',
      headers: admin,
      params: { id: 'none:always' },
      json: { abandonedUsd: 1, actualUsd: 0 },
    };
    expect(await answer('correct-limit', unknown)).toMatchObject({ status: 404, code: 'limit_not_found' });
  });

  test('resets a limit without a window', async () => {
    const hold = await limits.gate.hold(call(usd(1), { occurredAtMs: clock.now() }));
    await hold.settle(costing(usd(1)), 'succeeded');
    await expect.poll(() => spentOf('cap:always')).toBeGreaterThanOrEqual(1);
    const reset = await answer('reset-limit', { method: 'POST', headers: admin, params: { id: 'cap:always' } });
    expect(reset).toMatchObject({ status: 200, data: { limitId: 'cap:always', spentUsd: 0, resetsAt: null } });
    const { changes } = (await answer('get-limit', { headers: admin, params: { id: 'cap:always' } })).data as {
      changes: unknown[];
    };
    expect(changes).toMatchObject([{ what: 'reset', changedBy: 'sam', to: { spentUsd: 0 } }]);
    const asUser = await answer('get-limit', { params: { id: 'cap:always' } });
    expect(asUser.data).not.toHaveProperty('changes');
    const windowed = await answer('reset-limit', { method: 'POST', headers: admin, params: { id: day } });
    expect(windowed).toMatchObject({ status: 409, code: 'limit_has_window' });
    const unknown = await answer('reset-limit', { method: 'POST', headers: admin, params: { id: 'none:always' } });
    expect(unknown).toMatchObject({ status: 404, code: 'limit_not_found' });
  });

  test('resets a limit that is listed, also before any call has counted against it', async () => {
    const json = { name: 'unused', scope: 'global', window: 'none', maxUsd: 1, type: 'allow' };
    expect(await answer('create-limit', { method: 'POST', headers: admin, json })).toMatchObject({ status: 201 });
    const params = { id: 'unused:always' };
    expect(await answer('get-limit', { headers: admin, params })).toMatchObject({ status: 200 });
    const reset = await answer('reset-limit', { method: 'POST', headers: admin, params });
    expect(reset).toMatchObject({ status: 200, data: { limitId: 'unused:always', spentUsd: 0 } });
  });
});

test('others may change nothing', async () => {
  const correction = { method: 'POST', params: { id: 'cap:always' }, json: { abandonedUsd: 1, actualUsd: 0 } };
  expect(await answer('correct-limit', correction)).toMatchObject({ status: 403 });
  const json = { name: 'mine', scope: 'global', window: 'day', maxUsd: 1, type: 'block' };
  expect(await answer('create-limit', { method: 'POST', json })).toMatchObject({ status: 403 });
  expect(await answer('reset-limit', { method: 'POST', params: { id: 'cap:always' } })).toMatchObject({ status: 403 });
});
