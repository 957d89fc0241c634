import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PolicyPlan } from '../../shared/limits/admin/change-policies.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import type { PolicyChange } from '../../shared/limits/policies/changes/policy-trail.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { readState } from '../../shared/limits/state/change-state.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { costing } from '../support/amounts.ts';
import { ADMIN_KEY, startTestApp, type TestApp } from '../support/app.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, policy, quiet, usd } from './helpers.ts';

let app: TestApp;
let limits: LimitService;
const resetAtPayi: string[] = [];
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  await limits?.close();
  limits = createLimits({
    tables: new MemoryTables(),
    policies: [policy(), policy({ name: 'each', scope: 'user', maxUsd: 2 })],
    payi: {
      get: async () => undefined,
      reset: async (limitId: string) => void resetAtPayi.push(limitId),
    } as unknown as PayiClient['limits'],
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock: systemClock,
    telemetry: quiet,
  });
  Object.assign(app.services, { limits });
});
afterAll(() => limits.close());

interface Answer<T> {
  status: number;
  etag: string | null;
  data: T;
  code?: string;
  details?: Record<string, unknown>;
}
async function ask<T>(name: string, init: Parameters<TestApp['call']>[1] = {}): Promise<Answer<T>> {
  const headers = { 'x-functions-key': ADMIN_KEY, ...init.headers };
  const response = await app.call(name, { ...init, headers });
  return { status: response.status, etag: response.headers.get('etag'), ...((await response.json()) as { data: T }) };
}
interface Listed {
  policies: Policy[];
  etag: string;
  etags: Record<string, string>;
  changes: PolicyChange[];
}
const list = () => ask<Listed>('list-limit-policies');
const update = (id: string, json: object, tag?: string) =>
  ask<Policy>('update-limit', { method: 'PUT', params: { id }, json, ...(tag && { headers: { 'if-match': tag } }) });
const history = (name: string) =>
  ask<{ policy: Policy | null; changes: PolicyChange[] }>('get-limit-policy', { params: { name } });
const undo = (name: string, change = '') =>
  ask<{ policy: Policy | null }>('undo-limit-policy', { method: 'POST', params: { name }, json: { change } });
const apply = (policies: Policy[], tag?: string) =>
  ask<PolicyPlan>('apply-limit-policies', {
    method: 'PUT',
    json: { policies },
    ...(tag && { headers: { 'if-match': tag } }),
  });

describe('a change of a policy', () => {
  test('must say which state it is of: 428 without, 412 with another, and nothing is changed', async () => {
    const { etags } = (await list()).data;
    const tag = etags['daily'] ?? '';
    const missing = await update('daily', { maxUsd: 7 });
    expect(missing).toMatchObject({ status: 428, code: 'precondition_required', details: { etag: tag } });
    const changed = await update('daily', { maxUsd: 7 }, tag);
    expect(changed).toMatchObject({ status: 200, data: { maxUsd: 7 } });
    const stale = await update('daily', { maxUsd: 9 }, tag);
    expect(stale).toMatchObject({ status: 412, code: 'precondition_failed', details: { etag: changed.etag } });
    const deletion = { method: 'DELETE', params: { id: 'daily' } };
    expect(await ask('delete-limit', deletion)).toMatchObject({ status: 428 });
    expect(await ask('delete-limit', { ...deletion, headers: { 'if-match': tag } })).toMatchObject({ status: 412 });
    expect(limits.policies.find('daily')).toMatchObject({ maxUsd: 7 });
    const current = { ...deletion, headers: { 'if-match': `"other", ${changed.etag}` } };
    expect(await ask('delete-limit', current)).toMatchObject({ status: 200 });
  });

  test('of two admins at once only one is made', async () => {
    const tag = (await list()).data.etags['daily'] ?? '';
    const both = await Promise.all([update('daily', { maxUsd: 7 }, tag), update('daily', { maxUsd: 8 }, tag)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  test('a weak tag is another one, and * is any', async () => {
    const tag = (await list()).data.etags['daily'] ?? '';
    expect((await update('daily', { maxUsd: 7 }, `W/${tag}`)).status).toBe(412);
    expect((await update('daily', { maxUsd: 7 }, '*')).status).toBe(200);
  });
});

describe('the history of a policy', () => {
  test('is that of one name, and each last change can be taken back', async () => {
    await update('each', { maxUsd: 3 }, '*');
    await update('daily', { maxUsd: 7 }, '*');
    await update('daily', { maxUsd: 8, shadow: true }, '*');
    const { changes } = (await history('daily')).data;
    expect(changes.map(({ from, to }) => [from?.maxUsd, to?.maxUsd])).toEqual([
      [7, 8],
      [5, 7],
    ]);
    expect((await undo('daily', changes[1]?.id)).code).toBe('change_overtaken');
    expect((await undo('daily', changes[0]?.id)).data.policy).toMatchObject({ maxUsd: 7, shadow: false });
    // Twice is refused: the last change is the undo itself by now.
    expect(await undo('daily', changes[0]?.id)).toMatchObject({ status: 409, code: 'change_overtaken' });
    expect((await undo('daily', (await history('daily')).data.changes[0]?.id)).data.policy).toMatchObject({
      maxUsd: 8,
    });
    expect(limits.policies.find('each')).toMatchObject({ maxUsd: 3 });
  });

  test('outlives its deletion, which can be taken back, and so can its creation', async () => {
    await ask('delete-limit', { method: 'DELETE', params: { id: 'daily' }, headers: { 'if-match': '*' } });
    const deleted = (await history('daily')).data;
    expect(deleted).toMatchObject({ policy: null, changes: [{ to: null }] });
    expect((await undo('daily', deleted.changes[0]?.id)).data.policy).toMatchObject({ name: 'daily', maxUsd: 5 });
    await ask('create-limit', { method: 'POST', json: policy({ name: 'new' }) });
    const created = (await history('new')).data.changes[0]?.id;
    expect((await undo('new', created)).data.policy).toBeNull();
    expect(limits.policies.find('new')).toBeUndefined();
  });

  test('of a policy that there never was is 404', async () => {
    expect(await history('nobody')).toMatchObject({ status: 404 });
    expect(await history('each:2026-11-27:zzzz')).toMatchObject({ status: 404 });
    expect(await undo('nobody', 'x')).toMatchObject({ status: 404 });
  });
});

describe('policies as a whole', () => {
  const wanted = [policy({ maxUsd: 9 }), policy({ name: 'team', scope: 'account' })];

  test('are planned without a change, then applied at once, with an entry for each', async () => {
    const planned = await ask<PolicyPlan>('plan-limit-policies', { method: 'POST', json: { policies: wanted } });
    const expected = [
      { name: 'daily', change: 'update', before: { maxUsd: 5 }, after: { maxUsd: 9 } },
      { name: 'each', change: 'delete', before: { maxUsd: 2 }, after: null },
      { name: 'team', change: 'create', before: null, after: { scope: 'account' } },
    ];
    expect(planned.data.changes).toMatchObject(expected);
    expect(limits.policies.find('daily')).toMatchObject({ maxUsd: 5 });
    expect((await apply(wanted)).status).toBe(428);
    const applied = await apply(wanted, planned.data.etag);
    expect(applied).toMatchObject({ status: 200, data: { changes: expected } });
    const { policies, etag, changes } = (await list()).data;
    expect(policies).toMatchObject([{ name: 'daily', maxUsd: 9 }, { name: 'team' }]);
    expect([applied.data.etag, applied.etag]).toEqual([etag, etag]);
    expect(changes.map(({ name }) => name).sort()).toEqual(['daily', 'each', 'team']);
    // The same again changes nothing, in any order of policies and members.
    expect((await apply([...wanted].reverse(), etag)).data.changes).toEqual([]);
    expect((await list()).data.changes).toHaveLength(3);
  });

  test('are not applied where another admin changed one since the plan', async () => {
    const { etag } = (await list()).data;
    await update('each', { maxUsd: 3 }, '*');
    expect(await apply(wanted, etag)).toMatchObject({ status: 412 });
    expect(limits.policies.find('each')).toMatchObject({ maxUsd: 3 });
  });

  test('must be valid, of different names, and not too many at a time', async () => {
    expect((await apply([...wanted, ...wanted], '*')).status).toBe(400);
    expect((await apply([{ ...policy(), maxUsd: -1 }], '*')).status).toBe(400);
    const many = Array.from({ length: 60 }, (_, place) => policy({ name: `p-${place}` }));
    expect(await apply(many, '*')).toMatchObject({ status: 400, code: 'too_many_changes' });
    expect(limits.policies.current()).toHaveLength(2);
  });
});

describe('a reset by the name of a policy', () => {
  const reset = (name: string, key?: string) =>
    ask<{ reset: number; left: number }>('reset-limit-policy', {
      method: 'POST',
      params: { name },
      ...(key && { headers: { 'idempotency-key': key } }),
    });

  test('sets all its limits to 0, once for a key, and asks Pay-i only for those that it has', async () => {
    await ask('create-limit', { method: 'POST', json: policy({ name: 'credit', scope: 'user', window: 'none' }) });
    const ids: string[] = [];
    for (const userId of ['kim', 'lee', 'sam']) {
      const hold = await limits.gate.hold(call(usd(1), { userId }));
      await hold.settle(costing(usd(1)), 'succeeded');
    }
    await limits.writeDown((limitId) => limitId.startsWith('credit:') && ids.push(limitId) > 0);
    expect((await reset('credit', 'first')).data).toMatchObject({ reset: 3, left: 0 });
    expect((await reset('credit', 'first')).data).toMatchObject({ reset: 0, left: 0 });
    for (const limitId of ids)
      expect(await readState(limits.limits, limitId)).toMatchObject({ settledNano: 0n, epoch: 1 });
    expect(resetAtPayi).toEqual([]);
    expect((await reset('credit')).data).toMatchObject({ reset: 3 });
  });

  test('is refused for one with a window, and for none', async () => {
    expect(await reset('daily')).toMatchObject({ status: 409, code: 'limit_has_window' });
    expect(await reset('nobody')).toMatchObject({ status: 404 });
  });
});
