import { describe, expect, test } from 'vitest';
import { type AdminLog, createAdminLog } from '../../shared/admin-log/admin-log.ts';
import { exampleOf } from '../../shared/api/openapi/examples.ts';
import { routes } from '../../shared/api/routes.ts';
import { ADMIN_KEY, envelope, KEY, startTestApp } from '../support/app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { recording } from '../support/recording.ts';

const admin = { 'x-functions-key': ADMIN_KEY };

async function started() {
  const tables = new MemoryTables();
  const clock = new ManualClock();
  const { telemetry, lines } = recording();
  const app = await startTestApp({}, { adminLog: createAdminLog(tables, clock, telemetry) });
  const asAdmin = (name: string, method: string, json?: unknown, more: object = {}) =>
    app.call(name, { method, anonymous: true, headers: admin, ...(json !== undefined && { json }), ...more });
  const log = async (query = '') =>
    (await envelope(await asAdmin('read-audit-log', 'GET', undefined, { url: `http://127.0.0.1/x?${query}` }))).data;
  return { app, tables, clock, lines, asAdmin, log };
}

describe('every route by which an admin changes something', () => {
  // What only shows a difference changes nothing.
  const onlyShown = ['plan-limit-policies'];
  const changing = routes.filter(
    ({ access, method, function: name }) => access === 'admin' && method !== 'GET' && !onlyShown.includes(name),
  );

  test.each(changing.map((route) => [route.function, route] as const))('%s leaves an entry', async (name, route) => {
    const { app, asAdmin, log } = await started();
    // Without the services of limits and delivery most of them fail, which leaves an entry too.
    await asAdmin(name, route.method, route.body ? exampleOf(route) : undefined, {
      params: { id: 'x', key: 'x', name: 'x' },
    });
    expect((await log()).changes.map(({ action }: { action: string }) => action)).toEqual([name]);
    await app.close();
  });
});

test('an entry says who, when, from where, what was before and what is after, and no secret', async () => {
  const { app, clock, asAdmin, log } = await started();
  const created = await asAdmin('create-key', 'POST', { name: 'partner' });
  const { key } = (await envelope(created)).data;
  await clock.pass(1_000);
  const changed = await asAdmin(
    'change-key',
    'PATCH',
    { role: 'admin' },
    {
      headers: { ...admin, 'x-user-id': 'sam', 'x-forwarded-for': '10.9.9.9, 203.0.113.7:51123' },
      params: { name: 'partner' },
    },
  );
  await clock.pass(1_000);
  await asAdmin('revoke-key', 'DELETE', undefined, { params: { name: 'nobody' } });
  const { changes, next } = await log();
  expect(next).toBeNull();
  expect(JSON.stringify(changes)).not.toContain(key.slice(-43));
  expect(changes).toMatchObject([
    { action: 'revoke-key', target: 'nobody', outcome: 'failed', error: 'not_found', before: null, after: null },
    {
      action: 'change-key',
      target: 'partner',
      at: '2026-11-23T12:00:01.000Z',
      who: { userId: 'sam', via: 'access-key', key: 'operator' },
      from: { address: '203.0.113.7', requestId: changed.headers.get('x-request-id') },
      outcome: 'done',
      error: null,
      before: { name: 'partner', role: 'user' },
      after: { name: 'partner', role: 'admin' },
    },
    { action: 'create-key', target: 'partner', outcome: 'done', who: { userId: 'operator' }, before: null },
  ]);
  expect((await log('target=partner')).changes).toHaveLength(2);
  expect((await log('action=change-key')).changes).toHaveLength(1);
  await app.close();
});

test('it is read in pages, the latest first, also what was changed within one millisecond', async () => {
  const { app, asAdmin, log } = await started();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await asAdmin('create-key', 'POST', { name });
  const seen: string[] = [];
  let query = 'most=2';
  for (let pages = 0; pages < 4; pages++) {
    const { changes, next } = await log(query);
    seen.push(...changes.map(({ target }: { target: string }) => target));
    if (next === null) break;
    query = `most=2&olderThan=${next}`;
  }
  expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
  await app.close();
});

test('the order is that of the changes, and their times are those of the clock, also when it is set back', async () => {
  const { app, clock, asAdmin, log } = await started();
  const at = new Date(clock.now()).toISOString();
  for (const name of ['a', 'b']) await asAdmin('create-key', 'POST', { name });
  await clock.pass(-60_000);
  await asAdmin('create-key', 'POST', { name: 'c' });
  const { changes } = await log();
  expect(changes.map(({ target, at }: { target: string; at: string }) => [target, at])).toEqual([
    ['c', new Date(clock.now()).toISOString()],
    ['b', at],
    ['a', at],
  ]);
  await app.close();
});

test('without an entry nothing is changed', async () => {
  const { app, tables, asAdmin } = await started();
  tables.fate = () => 'busy';
  expect((await asAdmin('create-key', 'POST', { name: 'partner' })).status).toBe(503);
  expect((await envelope(await asAdmin('list-keys', 'GET'))).data.keys).toEqual([]);
  await app.close();
});

test('an entry that could not be finished says so, and the change is answered', async () => {
  const { app, tables, lines, asAdmin, log } = await started();
  tables.fate = (_table, operation) => (operation === 'merge' ? 'busy' : 'answered');
  expect((await asAdmin('create-key', 'POST', { name: 'partner' })).status).toBe(201);
  expect((await log()).changes).toMatchObject([{ target: 'partner', outcome: 'begun', before: null, after: null }]);
  expect(lines.map(({ event }) => event)).toContain('admin-log-unfinished');
  await app.close();
});

test('only admins read it', async () => {
  const { app } = await started();
  const answer = await app.call('read-audit-log', {
    method: 'GET',
    anonymous: true,
    headers: { 'x-functions-key': KEY },
  });
  expect(answer.status).toBe(403);
  await app.close();
});

test('what is too long for a column is cut', async () => {
  const log: AdminLog = createAdminLog(new MemoryTables(), new ManualClock(), recording().telemetry);
  const about = {
    action: 'a',
    target: 't',
    who: { userId: 'u', via: 'v', key: null },
    from: { address: null, requestId: 'r' },
  };
  await log.record(about, async () => ({ after: '"'.repeat(40_000) }));
  const { changes } = await log.list({ most: 1 });
  expect(changes).toMatchObject([{ after: { cut: expect.stringMatching(/^"(\\"){4999}\\$/) } }]);
});
