import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startModel } from '../../infra/local/model/src/server.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { decodeSettings } from '../../shared/config/decode.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { CheckName } from '../../shared/diagnosis/check.ts';
import { diagnose } from '../../shared/diagnosis/diagnose.ts';
import { type DiagnosisParts, openParts } from '../../shared/diagnosis/parts.ts';
import { toMessage } from '../../shared/events/queued-event.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { usageEvent } from '../support/events.ts';

/** Each fault is made on the laptop stack and found. */

const KEY = 'a-key-for-the-operator';
let stack: Stack;
let settings: Settings;

beforeAll(async () => {
  stack = await startStack({
    settings: { ACCESS_KEYS: JSON.stringify({ operator: { key: KEY, role: 'admin' } }), DEV_IDENTITY: '' },
    log: () => undefined,
  });
  settings = decodeSettings(stack.settings);
});
afterAll(() => stack?.close());

/** What the checks found that are not well, by their names. */
async function faults(change: Partial<Settings> = {}, parts: Partial<DiagnosisParts> = {}) {
  const { checks } = await diagnose({ ...openParts({ ...settings, ...change }, systemClock), ...parts });
  expect(checks.map(({ name, ok, mend }) => [name, ok === (mend === null)])).toEqual(
    checks.map(({ name }) => [name, true]),
  );
  return Object.fromEntries(checks.filter(({ ok }) => !ok).map((check) => [check.name, check])) as Partial<
    Record<CheckName, { found: string; mend: string }>
  >;
}

const api = (path: string, init: RequestInit = {}) =>
  fetch(`${stack.url}/api/${path}`, {
    ...init,
    headers: { 'x-functions-key': KEY, 'content-type': 'application/json', 'if-match': '*' },
  });

const search = () =>
  api('trail-finder/search', { method: 'POST', body: JSON.stringify({ location: 'Moab, Utah', searchRadius: 50 }) });

async function doctor(args: string[], environment: Record<string, string | undefined> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'infra/cli/doctor.ts', ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout };
}

test('before the first call nothing is wrong but that nothing was received', async () => {
  expect(Object.keys(await faults())).toEqual(['receiving']);
  expect((await faults()).receiving?.found).toBe(
    'Not receiving: no call of a model was reported in the last 24 hours.',
  );
  expect((await faults()).receiving?.mend).toContain('"only":"path"');
});

test('after a call the app finds itself well, by route and by command', async () => {
  expect((await search()).status).toBe(200);
  await vi.waitFor(async () => expect(await faults()).toEqual({}), { timeout: 60_000, interval: 200 });
  const answer = await api('admin/diagnosis');
  expect([answer.status, await answer.json()]).toMatchObject([200, { success: true, data: { ok: true } }]);
  const { code, stdout } = await doctor(['--json', '--url', stack.url, '--key', KEY]);
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { ok: true, checks: expect.any(Array) }]);
});

test('Unattributed: a use case that Pay-i does not know', async () => {
  const { payi } = openParts(settings, systemClock);
  await payi.definitions.remove('trail_finder');
  const { attribution, ...others } = await faults();
  expect(others).toEqual({});
  expect(attribution?.found).toMatch(/^Unattributed: Pay-i does not know the use case trail_finder,/);
  expect(attribution?.mend).toContain('npm run payi-setup');
  // What it says is what mends it.
  expect((await api('admin/payi-setup', { method: 'POST' })).status).toBe(200);
  expect(await faults()).toEqual({});
  expect((await faults({ GATEWAY_USE_CASES: ['trail_tip'] })).attribution).toMatchObject({
    found: expect.stringMatching(/^Unattributed: .* trail_tip,/),
    mend: expect.stringContaining('shared/use-cases/use-cases.ts'),
  });
});

test('Not receiving: an event stream that stands still', async () => {
  // The queue has a message and nobody takes it: another queue than that of the app's function.
  const queued = usageEvent({ eventId: uuidV7(Date.now()), occurredAt: new Date().toISOString() });
  const [instance] = stack.host.instances;
  await instance?.kill();
  const client = new ServiceBusClient(settings.ServiceBusConnection ?? '');
  await client
    .createSender(settings.USAGE_QUEUE)
    .sendMessages(toMessage({ event: queued, attempt: 0, remaining: 'all' }));
  await client.close();
  const later = { ...systemClock, now: () => Date.now() + 5 * 60_000 };
  const { receiving } = await faults({}, { clock: later });
  expect(receiving?.found).toMatch(/^Not receiving: 1 event wait.* in usage-events, the oldest for 5 minutes/);
  expect(receiving?.mend).toContain('ingest-usage');
  await instance?.restart();
  await vi.waitFor(async () => expect((await faults()).receiving).toBeUndefined(), { timeout: 60_000, interval: 200 });
});

test('Not enforcing: the gate off, an allow limit past its maximum, shadow, off, ids that no call has', async () => {
  expect((await faults({ LIMITS_ENABLED: false })).enforcement).toMatchObject({
    found: expect.stringMatching(/^Not enforcing: LIMITS_ENABLED is false/),
    mend: expect.stringContaining('Remove LIMITS_ENABLED'),
  });
  const create = (policy: object) => api('limits', { method: 'POST', body: JSON.stringify(policy) });
  const soft = { name: 'soft', scope: 'global', window: 'day', maxUsd: 0.000001, type: 'allow' };
  expect((await create(soft)).status).toBe(201);
  for (const more of [
    { name: 'quiet', type: 'block', shadow: true },
    { name: 'idle', type: 'block', enabled: false },
    { name: 'astray', type: 'block', useCases: ['no_such_case'] },
    { name: 'teams', type: 'block', scope: 'account' },
  ])
    expect((await create({ ...soft, maxUsd: 10, ...more })).status).toBe(201);
  await vi.waitFor(
    async () => {
      await search();
      expect((await faults()).enforcement?.found).toContain('soft:');
    },
    { timeout: 60_000, interval: 1_000 },
  );
  const { enforcement, ...others } = await faults();
  expect(others).toEqual({});
  expect(enforcement?.found).toMatch(
    /soft:\S+ has passed its maximum of 0.000001 USD and refuses nothing, since its type is allow/,
  );
  expect(enforcement?.found).toContain('quiet is in shadow');
  expect(enforcement?.found).toContain('idle is off');
  expect(enforcement?.found).toContain('astray counts only calls of no_such_case');
  expect(enforcement?.found).toContain('teams counts by account, and no call');
  expect(enforcement?.mend).toContain('PUT /api/limits/soft with {"type":"block"} if it should refuse');
  for (const name of ['soft', 'quiet', 'idle', 'astray', 'teams'])
    expect((await api(`limits/${name}`, { method: 'DELETE' })).status).toBe(200);
  expect(await faults()).toEqual({});
});

test('keys, addresses, queues, tables and the clock', async () => {
  const dead = 'http://127.0.0.1:9';
  expect(Object.keys(await faults({ PAYI_API_KEY: 'wrong' }))).toEqual([
    'payi',
    'attribution',
    'enforcement',
    'prices',
  ]);
  expect((await faults({ PAYI_API_KEY: 'wrong' })).payi?.found).toContain('401');
  const strict = await startModel({ apiKey: 'right' });
  const refused = await faults({ ANTHROPIC_BASE_URL: strict.url, ANTHROPIC_API_KEY: 'wrong' });
  await strict.close();
  expect(refused.provider?.found).toBe('The model provider refuses ANTHROPIC_API_KEY (401).');
  expect((await faults({ ANTHROPIC_BASE_URL: dead })).provider?.mend).toContain('ANTHROPIC_BASE_URL');
  expect((await faults({ MODEL_FINDER: 'claude-nope' })).provider?.found).toMatch(
    /no model claude-nope, which MODEL_FINDER .*no price/,
  );
  expect((await faults({ JUDGE_QUEUE: 'no-such-queue' })).queues?.mend).toContain('both queues');
  expect((await faults({ ACCESS_KEYS: {} })).access?.found).toContain('Nobody can call');
  const key = { name: 'by-record', role: 'admin' };
  const made = await api('admin/keys', { method: 'POST', body: JSON.stringify(key) });
  expect(made.status).toBe(201);
  expect((await faults({ ACCESS_KEYS: {} })).access).toBeUndefined();
  await api('admin/keys/by-record', { method: 'DELETE' });
  expect((await faults({ ACCESS_KEYS: {} })).access?.mend).toContain('ACCESS_KEYS');
  const tables = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;TableEndpoint=${dead}/a;`;
  expect((await faults({ TablesConnection: tables })).tables?.mend).toContain('Storage Table Data Contributor');
  const ahead = { ...systemClock, now: () => Date.now() + 10 * 60_000 };
  expect((await faults({}, { clock: ahead })).clock?.found).toMatch(/^The clock is 60\d s ahead of/);
});

test('without an app the command looks at the settings itself', async () => {
  const wrong = await doctor(['--json', '--settings'], { PAYI_BASE_URL: 'nowhere' });
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.stdout).checks).toMatchObject([{ name: 'settings', ok: false }]);
  expect(JSON.parse(wrong.stdout).checks[0].found).toContain('PAYI_BASE_URL');
  const fromOutside = await doctor(['--settings'], stack.settings);
  expect(fromOutside.stdout).toMatch(/^ok {4}settings/);
  const named = await doctor(['--json', '--url', 'http://127.0.0.1:9']);
  expect(JSON.parse(named.stdout)).toMatchObject({ ok: false, checks: [{ name: 'app', ok: false }] });
});
