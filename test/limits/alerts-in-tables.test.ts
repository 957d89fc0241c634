import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalTables, startTables } from '../../infra/local/tables/src/tables.ts';
import { checkDeadAlerts } from '../../shared/diagnosis/dead-alerts.ts';
import type { AlertRow } from '../../shared/limits/alerts/alert-outbox.ts';
import { currentStates } from '../../shared/limits/state/current-states.ts';
import { type LimitRow, newState } from '../../shared/limits/state/limit-rows.ts';
import { openTables } from '../../shared/tables/open.ts';
import { LeapingClock } from '../support/manual-clock.ts';
import { alertsTo, noon, policy, usd } from './helpers.ts';

/** Alerts over the table service itself, whose conditions and columns MemoryTables only imitates. */
let azurite: LocalTables;
beforeAll(async () => {
  azurite = await startTables();
});
afterAll(() => azurite.close());

test('a share that was left unannounced is found, and its alert delivered once or given up', async () => {
  const tables = openTables({ connection: azurite.connectionString, prefix: 'alerts' });
  const limits = tables.open<LimitRow>('limits');
  const rule = policy({ scope: 'account', alerts: [0.5] });
  const id = (key: string) => `daily:2026-11-23:${key}`;
  const facts = { maxNano: usd(5), warnNano: usd(5), settledNano: usd(3) };
  await limits.insert({ ...newState(id('calm')), ...facts });
  await limits.insert({ ...newState(id('old')), ...facts, level: 2, announced: 2, levelAtMs: noon });
  const share = { alertAt: '50', share: 50, shareAtMs: noon - 600_000 };
  await limits.insert({ ...newState(id('half')), ...facts, ...share });
  const crossed = [];
  for await (const state of currentStates(limits, rule, noon, true)) crossed.push(state);
  expect(crossed.map(({ limitId }) => limitId).sort()).toEqual([id('half'), id('old')]);

  const clock = new LeapingClock(noon);
  let status = 500;
  const { alerts, outbox, posts } = alertsTo(tables, { clock, status: () => status });
  for (const state of crossed) await alerts.catchUp(state);
  for (const state of crossed) await alerts.catchUp(state);
  await outbox.deliverDue(clock.now() + 1);
  expect(posts).toHaveLength(1);
  status = 200;
  await clock.pass(60_000);
  await outbox.deliverDue(clock.now() + 1);
  await outbox.deliverDue(clock.now() + 1);
  expect(posts.map((post) => post.status)).toEqual([500, 200]);

  const table = tables.open<AlertRow>('limitalerts');
  expect(await checkDeadAlerts(table, noon)).toEqual([]);
  await table.insert({
    partitionKey: 'alerts',
    rowKey: 'dead!one',
    limitId: id('half'),
    target: 'a',
    alert: '{}',
    attempts: 12,
    dueAtMs: noon,
    createdAt: new Date(noon),
    lastError: 'status 500',
  });
  expect(await checkDeadAlerts(table, noon + 1)).toMatchObject([{ found: expect.stringContaining('status 500') }]);
  // What nobody mended for days is in the log.
  expect(await checkDeadAlerts(table, noon + 4 * 24 * 3_600_000)).toEqual([]);
});
