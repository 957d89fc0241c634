import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { storableUserId } from '../../shared/identity/user-id.ts';
import { webhookReceiver } from '../../shared/limits/alerts/alert-receivers.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { windowAt } from '../../shared/limits/policies/window.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import type { Tables } from '../../shared/tables/table.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { ADMIN_KEY, KEY, startTestApp, type TestApp } from '../support/app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { policy, quiet, tryCall, usd } from './helpers.ts';

/** Calls of the features through the real gate. */
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function limitsOver(tables: Tables, policies: Policy[], clock = systemClock, webhookUrl?: string): LimitService {
  return createLimits({
    tables,
    policies,
    payi: createPayiClient({ baseUrl: 'http://127.0.0.1:9', apiKey: 'none', timeoutMs: 1_000 }).limits,
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock,
    telemetry: quiet,
    ...(webhookUrl !== undefined && {
      receivers: [webhookReceiver({ url: webhookUrl, format: 'json' })],
      allowPrivateTargets: true,
    }),
  });
}

async function appOver(tables: Tables, policies: Policy[], webhookUrl?: string): Promise<TestApp> {
  const limits = limitsOver(tables, policies, systemClock, webhookUrl);
  const app = await startTestApp({}, { limits, gate: limits.gate });
  closing.push(() => limits.close(), app.close);
  return app;
}

const search = (app: TestApp) => app.call('search-trails', { json: { location: 'Moab' } });

test('a refused caller learns which limit it is, how far it went and when it resets; the model is not called', async () => {
  const app = await appOver(new MemoryTables(), [policy({ name: 'each', scope: 'user', maxUsd: 0.01 })]);
  const response = await search(app);
  const nextDay = Math.ceil(Date.now() / 86_400_000) * 86_400_000;
  expect(response.status).toBe(402);
  expect(Math.abs(Number(response.headers.get('retry-after')) - (nextDay - Date.now()) / 1_000)).toBeLessThan(10);
  const body = (await response.json()) as { details: Record<string, unknown> };
  expect(body).toMatchObject({
    success: false,
    code: 'limit_reached',
    error: expect.stringContaining('has no room for this call. It resets at'),
  });
  expect(body.details).toMatchObject({
    limitId: expect.stringMatching(new RegExp(`^each:${windowAt({ window: 'day' }, Date.now()).text}:[0-9a-f]{20}$`)),
    scope: 'user',
    maxUsd: 0.01,
    spentUsd: 0,
    leftUsd: 0.01,
    neededUsd: expect.any(Number),
    resetsAt: new Date(nextDay).toISOString(),
  });
  expect(Number(body.details['neededUsd'])).toBeGreaterThan(0.01);
  // Counting is free.
  expect(app.model.calls().map(({ path }) => path)).toEqual(['/v1/messages/count_tokens']);
  expect(app.usage).toEqual([]);
});

test('a search that costs more than was held while its limit has no room is ended, and what it cost is reported', async () => {
  const app = await appOver(new MemoryTables(), [policy({ name: 'each', scope: 'user', maxUsd: 0.7 })]);
  app.model.script({ searches: 10, eventDelayMs: 3 });
  const response = await search(app);
  expect(response.status).toBe(402);
  expect(await response.json()).toMatchObject({ success: false, code: 'limit_reached' });
  const ended = { outcome: 'aborted', unitsEstimated: true, estimatedCost: expect.any(Number) };
  expect(app.usage).toMatchObject([ended]);
  expect(app.usage[0]?.estimatedCost).toBeGreaterThan(100_000_000);
  expect(app.usage[0]?.estimatedCost).toBeLessThanOrEqual(700_000_000);
});

test('a limit without a window says that an admin can reset it, and names no time', async () => {
  const app = await appOver(new MemoryTables(), [policy({ name: 'cap', window: 'none', maxUsd: 0.01 })]);
  const response = await search(app);
  expect([response.status, response.headers.get('retry-after')]).toEqual([402, null]);
  const body = await response.json();
  expect(body).toMatchObject({ error: expect.stringContaining('an admin can reset it'), details: { resetsAt: null } });
});

test('a shadow limit lets calls through and says so', async () => {
  const app = await appOver(new MemoryTables(), [policy({ name: 'trial', shadow: true, maxUsd: 0.000001 })]);
  await search(app);
  const response = await search(app);
  expect(response.status).toBe(200);
  const body = (await response.json()) as { data: { metrics: { limits: unknown } } };
  expect(body.data.metrics.limits).toEqual([{ limitId: expect.stringMatching(/^trial:/), state: 'would_block' }]);
});

test('a limit that only warns is reported in the body and the header from its threshold on; a webhook hears of each crossing once', async () => {
  const posts: { level: string; limitId: string }[] = [];
  const hook = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      posts.push(JSON.parse(text));
      response.writeHead(posts.length === 1 ? 503 : 204).end();
    });
  });
  await once(hook.listen(0, '127.0.0.1'), 'listening');
  closing.push(async () => void hook.close());
  const webhookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  const soft = policy({ name: 'soft', window: 'none', type: 'allow', maxUsd: 10, threshold: 0.8 });
  const app = await appOver(new MemoryTables(), [soft], webhookUrl);
  const { gate } = app.services.limits;
  const told = async () => {
    const response = await search(app);
    const { data } = (await response.json()) as { data: { metrics: { limits: unknown } } };
    return [response.status, response.headers.get('x-limit-state'), data.metrics.limits];
  };
  expect(await told()).toEqual([200, 'ok', []]);
  expect(await tryCall(gate, usd(9), usd(9))).toBe(true);
  expect(await told()).toMatchObject([200, 'soft:always=exceeded', [{ state: 'exceeded' }]]);
  const heard = () => expect.poll(() => posts.map(({ level }) => level));
  // The first post met a 503.
  await heard().toEqual(['exceeded', 'exceeded']);
  expect(await tryCall(gate, usd(9), usd(9))).toBe(true);
  expect(await told()).toMatchObject([200, 'soft:always=overrun', [{ state: 'overrun' }]]);
  await heard().toEqual(['exceeded', 'exceeded', 'overrun']);
  for (let turn = 0; turn < 5; turn++) await tryCall(gate, usd(1), usd(1));
  await app.services.limits.close();
  expect(posts).toHaveLength(3);
});

test('what an admin changes holds in other processes within a minute', async () => {
  const tables = new MemoryTables();
  const policies = [policy({ maxUsd: 1 })];
  const app = await appOver(tables, policies);
  const clock = new ManualClock(Date.now());
  const passing = setInterval(() => void clock.pass(250), 5);
  closing.push(async () => clearInterval(passing));
  const other = limitsOver(tables, policies, clock);
  closing.unshift(() => other.close());
  const facts = { occurredAtMs: clock.now() };
  expect(await tryCall(other.gate, usd(2), usd(2), facts)).toBe(false);
  const json = { maxUsd: 3 };
  const headers = { 'x-functions-key': ADMIN_KEY, 'if-match': '*' };
  expect((await app.call('update-limit', { method: 'PUT', headers, params: { id: 'daily' }, json })).status).toBe(200);
  await clock.sleep(55_000);
  expect(await tryCall(other.gate, usd(2), usd(2), facts)).toBe(true);
});

test.each([
  ['closed', [policy({ maxUsd: 9, whenUnreadable: 'closed' })], false],
  ['open', [policy({ maxUsd: 9, whenUnreadable: 'open' })], true],
  ['not known', [], false],
] as const)(
  'a process that can’t read yet what admins changed, with limits that are %s',
  async (_, policies, passes) => {
    const tables = new MemoryTables();
    const seeding = limitsOver(tables, [...policies]);
    await seeding.policies.change('small', 'ops', () => policy({ name: 'small', maxUsd: 1 }));
    await seeding.close();
    let down = true;
    const failing = tables.client({
      before: async (_, table) => {
        if (down && table === 'limitpolicies') throw new Error('down');
        return 'answered';
      },
    });
    const limits = limitsOver(failing, [...policies]);
    closing.push(() => limits.close());
    const facts = { occurredAtMs: Date.now() };
    const held = tryCall(limits.gate, usd(2), usd(2), facts);
    if (passes) expect(await held).toBe(true);
    else await expect(held).rejects.toMatchObject({ code: 'limits_unreadable', status: 503 });
    down = false;
    await expect.poll(() => tryCall(limits.gate, usd(2), usd(2), facts)).toBe(false);
  },
);

test('the id of a user’s limit can’t be worked out from their e-mail address', async () => {
  const limits = limitsOver(new MemoryTables(), [policy({ name: 'each', scope: 'user', maxUsd: 0.01 })]);
  const app = await startTestApp({ USER_ID_KEY: 'a-secret-of-the-app' }, { limits, gate: limits.gate });
  closing.push(() => limits.close(), app.close);
  const headers = { 'x-functions-key': ADMIN_KEY, 'x-user-id': 'kim@example.com' };
  const response = await app.call('search-trails', { headers, json: { location: 'Moab' } });
  const { details } = (await response.json()) as { details: { limitId: string } };
  const guesses = ['kim@example.com', userIdWithoutKey('kim@example.com')].map(sha256);
  for (const guess of guesses) expect(details.limitId).not.toContain(guess);
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 20);
const userIdWithoutKey = (email: string): string => storableUserId(email, undefined, 'x-user-id');

test('a refusal says which member makes the bound, and without which the call would fit', async () => {
  const app = await appOver(new MemoryTables(), [policy({ name: 'each', scope: 'user', maxUsd: 5 })]);
  const json = {
    model: 'claude-opus-4-8',
    max_tokens: 1_000,
    container: 'container_1',
    messages: [{ role: 'user', content: 'Hello' }],
  };
  const headers = { 'content-type': 'application/json', 'x-api-key': KEY };
  const response = await app.call('pass-message', { method: 'POST', headers, json, anonymous: true });
  const { error } = (await response.json()) as { error: { message: string; details: Record<string, unknown> } };
  expect(response.status).toBe(402);
  expect(error.message).toContain('It would not fit into the whole limit either.');
  expect(error.message).toContain('is container: What it brings along is not in the request');
  expect(error.message).toContain('It fits without container.');
  expect(error.details).toMatchObject({
    maxUsd: 5,
    parts: [{ member: 'container', usd: expect.any(Number), why: expect.any(String) }],
    fits: [{ member: 'container', change: 'leave_out' }],
  });
});

test('a refusal by a limit that users share has none of its figures', async () => {
  const app = await appOver(new MemoryTables(), [policy({ name: 'cap', maxUsd: 0.0123 })]);
  const body = (await (await search(app)).json()) as { error: string; details: object };
  expect(JSON.stringify(body)).not.toContain('0.0123');
  expect(body.error).toContain('which is more than is left');
  for (const name of ['maxUsd', 'spentUsd', 'leftUsd']) expect(body.details).not.toHaveProperty(name);
});
