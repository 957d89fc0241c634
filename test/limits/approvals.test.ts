import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApprovalView } from '../../shared/limits/admin/approvals.ts';
import { webhookReceiver } from '../../shared/limits/alerts/alert-receivers.ts';
import type { ApprovalRow } from '../../shared/limits/approvals/approval-rows.ts';
import type { HoldRequest } from '../../shared/limits/gate/gate.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import type { LimitReachedError } from '../../shared/limits/policies/errors.ts';
import { userKey } from '../../shared/limits/policies/scope-keys.ts';
import { removeUserApprovals } from '../../shared/limits/remove-user-approvals.ts';
import { newState } from '../../shared/limits/state/limit-rows.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { ADMIN_KEY, startTestApp, type TestApp } from '../support/app.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, policy, recorder, tryCall, usd } from './helpers.ts';

let app: TestApp;
let tables: MemoryTables;
let limits: LimitService;
let telemetry = recorder();
const asking = { type: 'ask', window: 'none', maxUsd: 1 } as const;

const start = () =>
  createLimits({
    tables,
    policies: [
      policy({ ...asking, name: 'each', scope: 'user' }),
      policy({ ...asking, name: 'all', maxUsd: 100 }),
      policy({ ...asking, name: 'pairs', scope: 'user+use_case', useCases: ['narrow'], maxUsd: 0.5 }),
      policy({ ...asking, name: 'trial', scope: 'user', shadow: true, maxUsd: 0.01, useCases: ['tried'] }),
    ],
    payi: { get: async () => undefined } as unknown as PayiClient['limits'],
    publisher: { publish: async () => 'queued', close: async () => undefined },
    receivers: [webhookReceiver({ url: hookUrl, format: 'json' })],
    allowPrivateTargets: true,
    clock: systemClock,
    telemetry,
  });

/** What a receiver of alerts got. */
let reports: { event: string; id: string; amountUsd: number }[] = [];
let hookUrl = '';
const hook = createServer(async (request, response) => {
  reports.push((await json(request)) as (typeof reports)[number]);
  response.writeHead(204).end();
});

beforeAll(async () => {
  await once(hook.listen(0, '127.0.0.1'), 'listening');
  hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  app = await startTestApp();
});
afterAll(async () => {
  await limits.close();
  await app.close();
  hook.close();
});
beforeEach(async () => {
  await limits?.close();
  tables = new MemoryTables();
  telemetry = recorder();
  reports = [];
  limits = start();
  Object.assign(app.services, { limits });
});

interface Answer<T> {
  status: number;
  etag: string | null;
  data: T;
  code?: string;
}
async function ask<T>(name: string, init: Parameters<TestApp['call']>[1] = {}): Promise<Answer<T>> {
  const response = await app.call(name, { ...init, headers: { 'x-functions-key': ADMIN_KEY, ...init.headers } });
  return { status: response.status, etag: response.headers.get('etag'), ...((await response.json()) as { data: T }) };
}
const list = async (state = 'pending') =>
  (await ask<{ approvals: ApprovalView[] }>('list-approvals', { url: `http://x/api/admin/approvals?state=${state}` }))
    .data.approvals;
const decide = (id: string, decision: string, etag: string | undefined) =>
  ask<ApprovalView>('decide-approval', {
    method: 'POST',
    params: { id },
    json: { decision },
    ...(etag !== undefined && { headers: { 'if-match': etag } }),
  });

interface Approvable {
  id: string;
  state: string;
}
/** The approval that a refused call names; undefined where it passes. */
async function refused(amount: number, facts: Partial<HoldRequest> = {}): Promise<Approvable | undefined> {
  try {
    const hold = await limits.gate.hold(call(usd(amount), { userId: 'kim', occurredAtMs: Date.now(), ...facts }));
    await hold.settle({ ...call(usd(amount)).bound }, 'succeeded');
    return undefined;
  } catch (error) {
    return (error as LimitReachedError).details['approval'] as Approvable;
  }
}

test('a refused call names an approval, an admin approves it, and the call passes once', async () => {
  const asked = await refused(3);
  expect(asked).toMatchObject({ state: 'pending', href: `/api/approvals/${asked?.id}` });
  const [pending] = await list();
  expect(pending).toMatchObject({
    id: asked?.id,
    policy: 'each',
    amountUsd: 3,
    maxUsd: null,
    whose: { userId: 'kim', useCaseName: 'trail_finder' },
  });
  const own = await ask('get-approval', { params: { id: pending?.id ?? '' } });
  expect(own.data).toMatchObject({ state: 'pending', amountUsd: 3 });
  const approved = await decide(pending?.id ?? '', 'approve', pending?.etag);
  expect(approved).toMatchObject({ status: 200, data: { state: 'approved', maxUsd: 4 }, etag: approved.data.etag });
  expect(await list()).toEqual([]);
  expect(await refused(3)).toBeUndefined();
  // Used up: the next one asks again, in a round of its own.
  const next = await refused(3);
  expect(next?.id).not.toBe(asked?.id);
  expect(next?.id.slice(0, 20)).toBe(asked?.id.slice(0, 20));
  // Nobody else got more.
  expect(await tryCall(limits.gate, usd(1.5), usd(1), { userId: 'sam', occurredAtMs: Date.now() })).toBe(false);
});

test('the same caller asks once: with nearly the same bound, again and again, from several processes', async () => {
  const first = await refused(3);
  const before = tables.rows('limitapprovals').length;
  for (let turn = 0; turn < 5; turn++) expect(await refused(3)).toEqual(first);
  expect(await refused(2.99)).toEqual(first);
  const other = start();
  await expect(other.gate.hold(call(usd(3), { userId: 'kim', occurredAtMs: Date.now() }))).rejects.toMatchObject({
    details: { approval: { id: first?.id } },
  });
  await other.close();
  expect([before, tables.rows('limitapprovals').length]).toEqual([1, 1]);
  expect((await refused(3, { userId: 'sam' }))?.id).not.toBe(first?.id);
});

test('what is denied stays denied, and the caller sees it', async () => {
  const asked = await refused(3);
  const [{ etag } = { etag: '' }] = await list();
  expect((await decide(asked?.id ?? '', 'deny', etag)).data).toMatchObject({ state: 'denied', maxUsd: null });
  expect(await refused(3)).toMatchObject({ id: asked?.id, state: 'denied' });
  const again = await decide(asked?.id ?? '', 'approve', '*');
  expect(again).toMatchObject({ status: 409, code: 'approval_decided' });
  expect(limits.policies.overrides().size).toBe(0);
});

const limitOfKim = `each:always:${userKey('kim')}`;
test.each<[string, () => Promise<Answer<unknown>>]>([
  [
    'raised',
    () => ask('set-limit-override', { method: 'PUT', params: { id: 'each', key: 'kim' }, json: { maxUsd: 10 } }),
  ],
  ['reset', () => ask('reset-limit', { method: 'POST', params: { id: limitOfKim } })],
  [
    'corrected',
    () => {
      const json = { abandonedUsd: 0.9, actualUsd: 0 };
      return ask('correct-limit', { method: 'POST', params: { id: limitOfKim }, json });
    },
  ],
])('a denied call passes at once when its limit is %s', async (_, change) => {
  await limits.limits.insert({
    ...newState(limitOfKim),
    settledNano: usd(0.9),
    abandonedNano: usd(0.9),
    maxNano: usd(1),
  });
  const asked = await refused(0.5);
  await decide(asked?.id ?? '', 'deny', '*');
  expect(await refused(0.5)).toMatchObject({ id: asked?.id, state: 'denied' });
  expect((await change()).status).toBe(200);
  expect(await refused(0.5)).toBeUndefined();
});

test('a decision needs the state that its author saw', async () => {
  const asked = await refused(3);
  const id = asked?.id ?? '';
  expect((await decide(id, 'approve', undefined)).status).toBe(428);
  expect((await decide(id, 'approve', '"another"')).status).toBe(412);
  for (const strange of ['', 'no-id', `${'0'.repeat(20)}-1`, `${id.slice(0, 21)}2`])
    expect((await decide(strange, 'approve', '*')).status).toBe(404);
  const [one, two] = await Promise.all([decide(id, 'approve', '*'), decide(id, 'approve', '*')]);
  expect([one?.status, two?.status].sort()).toEqual([200, 409]);
  expect(await refused(3)).toBeUndefined();
  expect(await refused(0.5)).toBeUndefined();
  expect(await refused(0.6)).toBeDefined();
});

test('a limit for all calls is raised too; of a combination only the one limit', async () => {
  expect(await refused(90, { userId: 'a', useCaseName: 'x' })).toBeDefined();
  for (const approval of await list()) await decide(approval.id, 'approve', approval.etag);
  expect(await refused(90, { userId: 'a', useCaseName: 'x' })).toBeUndefined();
  expect(await refused(20, { userId: 'b', useCaseName: 'x' })).toBeDefined();
  const narrow = { userId: 'c', useCaseName: 'narrow' };
  expect(await refused(0.8, narrow)).toBeDefined();
  const [pairs] = (await list()).filter((approval) => approval.policy === 'pairs');
  await decide(pairs?.id ?? '', 'approve', pairs?.etag);
  expect(await refused(0.8, narrow)).toBeUndefined();
  expect([...limits.policies.overrides().keys()].filter((key) => key.startsWith('pairs'))).toEqual([
    expect.stringMatching(/^pairs![0-9a-f]{20}:narrow!raise$/),
  ]);
});

test('an approval is reported, ends with its limit or after a day, and is deleted after the retention', async () => {
  const asked = await refused(3);
  const reported = () => reports.filter(({ event }) => event === 'approval-asked');
  await expect.poll(reported).toMatchObject([{ id: asked?.id, amountUsd: 3 }]);
  expect(JSON.stringify(reports)).not.toContain('kim');
  const [row] = tables.rows<ApprovalRow>('limitapprovals');
  const table = tables.open<ApprovalRow>('limitapprovals');
  const { etag, ...columns } = row as NonNullable<typeof row>;
  expect(Math.abs(columns.until.getTime() - Date.now() - 86_400_000)).toBeLessThan(10_000);
  await table.replace({ ...columns, until: new Date(Date.now() - 1) }, etag);
  expect([await list(), (await list('all'))[0]?.state]).toEqual([[], 'ended']);
  expect((await decide(asked?.id ?? '', 'approve', '*')).status).toBe(409);
  await limits.prune(Date.now() + 1);
  expect(tables.rows('limitapprovals')).toEqual([]);
});

test('a caller has few approvals that wait, and more calls are refused without one', async () => {
  for (let turn = 0; turn < 10; turn++) expect(await refused(10 + turn)).toBeDefined();
  expect(await refused(50)).toBeUndefined();
  await expect(tryCall(limits.gate, usd(51), 0n, { userId: 'kim', occurredAtMs: Date.now() })).resolves.toBe(false);
  expect(tables.rows('limitapprovals')).toHaveLength(10);
  expect(telemetry.lines).toContain('approvals-too-many');
});

test("an approval is its user's: another one gets 404", async () => {
  const asked = await refused(3);
  const params = { id: asked?.id ?? '' };
  const as = async (user: string) =>
    (await app.call('get-approval', { params, headers: { 'x-user-id': user } })).status;
  expect([await as('kim'), await as('sam')]).toEqual([200, 404]);
});

test("a deletion of a user's data deletes what the user asked for", async () => {
  await refused(3);
  await refused(3, { userId: 'sam' });
  expect(await removeUserApprovals(tables.open<ApprovalRow>('limitapprovals'), 'kim')).toBe(1);
  expect((await list()).map(({ whose }) => whose.userId)).toEqual(['sam']);
});

test('an admin takes an approval back by its override', async () => {
  await refused(3);
  const [approval] = await list();
  await decide(approval?.id ?? '', 'approve', approval?.etag);
  const { data } = await ask<{ overrides: { name: string; etag: string }[] }>('list-limit-overrides', {
    params: { id: 'each' },
  });
  const [{ name, etag } = { name: '', etag: '' }] = data.overrides;
  expect(name).toBe('approved: kim');
  const params = { id: 'each', key: name };
  const headers = { 'if-match': etag };
  expect((await ask('delete-limit-override', { method: 'DELETE', params, headers })).status).toBe(200);
  expect(await refused(3)).toBeDefined();
});

test('in shadow nobody is asked, and it is said that somebody would have been', async () => {
  const facts = { useCaseName: 'tried', userId: 'kim', occurredAtMs: Date.now() };
  const hold = await limits.gate.hold(call(usd(0.5), facts));
  expect(hold.warnings).toMatchObject([{ state: 'would_ask' }]);
  expect(tables.rows('limitapprovals')).toEqual([]);
  expect(telemetry.lines).toEqual(expect.arrayContaining(['limit-would-ask', 'limit-in-shadow']));
});
