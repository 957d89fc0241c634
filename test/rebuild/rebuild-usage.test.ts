import { expect, test } from 'vitest';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { LedgerPage } from '../../shared/ledger/ledger-page.ts';
import { createPublishedEvents } from '../../shared/ledger/published-events.ts';
import { rebuildRegister } from '../../shared/rebuild/rebuild-register.ts';
import type { UsageQuery } from '../../shared/usage/answers/usage-query.ts';
import { createInstanceIndex } from '../../shared/usage/instance-index/instance-index.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { dimensions } from '../../shared/usage/usage-group.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { all, noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random, randomTraffic } from '../usage/random-traffic.ts';

const begin = Date.parse('2026-11-21T22:00:00Z');
const nowMs = begin + 55 * 3_600_000;
const clock = { now: () => nowMs, sleep: async () => {} };
const everything: UsageQuery = {
  from: '2026-11-20T00',
  before: '2026-11-30T00',
  interval: 'hour',
  groupBy: dimensions,
  filters: {},
  limit: 100_000,
  after: undefined,
};

async function start() {
  const tables = new MemoryTables();
  const ledger = createLedger(tables);
  await ledger.record(randomTraffic(random(7), begin, 50, 400).map(({ entry }) => entry));
  const marks = createLateMarks({ tables, clock, telemetry: noting(), keptDays: 90 });
  const refusals = createRefusalRows(tables);
  const usage = createUsageService({ tables, ledger, marks, refusals, clock, telemetry: noting() });
  return { tables, ledger, usage };
}

test.each([
  ['all rollups', () => true],
  ['some pages', (partition: string) => partition.startsWith('page.2026-11-22')],
  ['some heads', (partition: string, row: string) => partition === 'head' && row < '2026-11-23'],
])('usage is what it was after %s got lost', async (_what, isLost) => {
  const { tables, usage } = await start();
  await usage.fold();
  const before = await usage.report(everything);
  expect(before.rows.length).toBeGreaterThan(100);
  const table = tables.open('usage');
  for await (const { partitionKey, rowKey } of table.query())
    if (isLost(partitionKey, rowKey)) await table.remove({ partitionKey, rowKey });
  await usage.foldAgain();
  expect(await usage.report(everything)).toEqual(before);
});

test('the register has again what the ledger, the outbox and the queue have, by the day of the call', async () => {
  const { tables, ledger } = await start();
  const register = createPublishedEvents(tables, clock, noting());
  const queued = '019ab000-0000-7000-8000-000000000000';
  const sources = {
    register,
    ledger,
    outbox: { async *eventIds() {} },
    view: {
      async *messages() {
        yield {
          eventId: queued,
          state: 'queued' as const,
          kind: 'usage' as const,
          useCaseName: 'plan',
          body: {},
          sinceMs: nowMs,
        };
      },
    },
    deadLetters: { async *list() {} },
  };
  const { before, after } = await rebuildRegister(sources, '2026-11-20');
  const ids = new Set<string>();
  for await (const row of ledger.since('2026-11-20')) ids.add(row.rowKey);
  expect({ before, after }).toEqual({ before: 0, after: ids.size + 1 });
  const since = async (day: string) => (await all(register.since(day))).sort();
  expect(await since('2025-01-01')).toEqual([queued, ...ids].sort());
  expect((await since('2026-11-24')).length).toBeLessThan(ids.size / 2);
  expect(await rebuildRegister(sources, '2025-01-01')).toEqual({ before: after, after });
});

test('instances are found again', async () => {
  const { tables, ledger } = await start();
  const table = tables.open<LedgerPage>('ledger');
  // As an older release wrote them.
  for (const { instances: _, ...page } of tables.rows<LedgerPage>('ledger')) await table.upsert(page);
  const marks = createLateMarks({ tables, clock, telemetry: noting(), keptDays: 90, marksFor: 'late-index' });
  const index = createInstanceIndex({ tables, ledger, marks, clock, telemetry: noting() });
  for (let run = 0; run < 2; run++) {
    expect(await index.foldAgain()).toBeGreaterThan(300);
    const lookUp = index.lookUp();
    for await (const { useCaseName, useCaseId, partitionKey } of ledger.since('2026-11-20'))
      expect((await lookUp.minutesOf(useCaseName, useCaseId)).minutes).toContain(partitionKey.slice(2));
  }
});
