import { expect, test } from 'vitest';
import { prune } from '../../shared/audit/retention.ts';
import { createDeadLetterStore, type DeadLetter } from '../../shared/dead-letters/dead-letter-store.ts';
import { firstSend } from '../../shared/events/queued-event.ts';
import { createBatchStore } from '../../shared/gateways/anthropic/batches/batch-store.ts';
import { createKeyedRuns } from '../../shared/idempotency/keyed-runs.ts';
import type { RunRow } from '../../shared/idempotency/run-row.ts';
import { createKpiScores } from '../../shared/ingest/kpi-scores.ts';
import { createInstanceStore } from '../../shared/instances/instance-store.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { hourOfPartition, partitionOf } from '../../shared/ledger/ledger-row.ts';
import { createPublishedEvents } from '../../shared/ledger/published-events.ts';
import { type LearnedRow, LearnedStore } from '../../shared/limits/gate/learned-store.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { createSeal } from '../../shared/seal/seal.ts';
import type { RowKey } from '../../shared/tables/table.ts';
import { createInstanceIndex } from '../../shared/usage/instance-index/instance-index.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { createRollupStore } from '../../shared/usage/rollups/rollup-store.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { all, kpiEvent, manualClock, noting, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

async function* once() {
  yield [];
}

const DAY_MS = 24 * 3_600_000;

test('what is older than the retention goes; dead letters that nobody dealt with stay', async () => {
  const tables = new MemoryTables();
  const clock = manualClock();
  const register = createPublishedEvents(tables, clock, noting());
  const ledger = createLedger(tables);
  const marks = createLateMarks({ tables, clock, telemetry: noting(), keptDays: 90, marksFor: 'late-index' });
  const instanceIndex = createInstanceIndex({ tables, ledger, marks, clock, telemetry: noting() });
  const deadLetters = createDeadLetterStore(tables);
  const kpis = createKpiScores(tables, { kpis: { score: async () => undefined } } as unknown as PayiClient);
  const learned = new LearnedStore(tables.open<LearnedRow>('limitlearned'), clock);
  const limits = { prune: (beforeMs: number) => learned.prune(beforeMs) };
  const seal = createSeal(Buffer.alloc(32).toString('base64'));
  const keyedRuns = createKeyedRuns({ tables, seal, deadlineMs: 1_000, clock, telemetry: noting() });
  const rateLimits = { prune: async () => 0 };
  const instances = createInstanceStore(tables);
  const batches = createBatchStore(tables);
  const letter = (id: string, state: DeadLetter['state'], atMs: number): DeadLetter => ({
    id,
    source: 'ingest',
    code: 'c',
    reason: 'r',
    atMs,
    state,
    text: 'x',
  });
  const events = [0, 1, 2, 3].map((day) => usageEvent({ eventId: uuidV7(startMs + day * DAY_MS) }));
  for (const [day, event] of events.entries()) {
    clock.nowMs = startMs + day * DAY_MS;
    await register.add([event.eventId]);
    const entry = { outgoing: firstSend(event), state: 'ingested' as const, outcome: 'accepted', atMs: clock.now() };
    await ledger.record([{ ...entry, tried: false }]);
    await kpis.record(kpiEvent(event, true, { occurredAt: new Date(clock.now()).toISOString() }));
    await instances.save({
      useCaseName: 'trail_finder',
      useCaseId: `instance-${day}`,
      userId: 'sam',
      status: 'skipped',
      updatedAt: new Date(clock.now()).toISOString(),
    });
    learned.add({ name: 'daily', unit: 'usd' }, `model-${day}:web_search`, 1n);
    await learned.sync();
    const keyed = { key: `key-${day}`, owner: { userId: 'sam', via: 'jwt' }, content: {} };
    await keyedRuns.once(keyed, async () => ({}), new AbortController().signal);
    const states = ['dead', 'replayed', 'delivered', 'discarded'] as const;
    await deadLetters.put(states.map((state) => letter(`${day}-${state}`, state, clock.now())));
  }
  clock.nowMs += 2 * 3_600_000;
  await instanceIndex.fold();
  await tables
    .open('instanceevents')
    .upsert({ partitionKey: '0', rowKey: 'x!2026-11-23T10:05', minute: '2026-11-23T10:05' } as RowKey);
  const usage = createRollupStore(tables);
  for (const { eventId } of events) {
    const hour = hourOfPartition(partitionOf(eventId));
    await usage.replace(hour, undefined, { users: once(), all: once(), instances: [] }, clock.now());
  }
  const refusals = createRefusalRows(tables);
  const deps = {
    register,
    ledger,
    instanceIndex,
    deadLetters,
    kpis,
    limits,
    keyedRuns,
    rateLimits,
    instances,
    batches,
    usage,
    refusals,
    clock,
  };
  await prune(deps, { events: 1, usage: 2 });
  const ids = events.map(({ eventId }) => eventId);
  expect((await all(register.since('2026-01-01'))).sort()).toEqual(ids.slice(2));
  // A day more than in the register.
  expect((await all(ledger.since('2026-01-01'))).map(({ rowKey }) => rowKey).sort()).toEqual(ids.slice(1));
  expect((await all(deadLetters.list({ state: 'dead' }))).map(({ id }) => id)).toHaveLength(4);
  for (const state of ['replayed', 'delivered', 'discarded'] as const) {
    expect((await all(deadLetters.list({ state }))).map(({ id }) => id)).toEqual([`3-${state}`]);
  }
  expect(
    tables
      .rows('instanceevents')
      .filter(({ partitionKey }) => partitionKey !== 'state')
      .map(({ rowKey }) => rowKey.split('!')[1]?.slice(0, 10))
      .sort(),
  ).toEqual(['2026-11-24', '2026-11-25', '2026-11-26']);
  expect(tables.rows('kpiscores')).toHaveLength(1);
  expect(tables.rows('instances')).toMatchObject([{ rowKey: 'instance-3' }]);
  expect(tables.rows<RunRow>('keyedruns').map(({ startedAt }) => Date.parse(startedAt))).toEqual([
    startMs + 3 * DAY_MS,
  ]);
  expect(tables.rows('limitlearned').map(({ rowKey }) => rowKey)).toEqual(['daily:model-3:web_search']);
  expect([...(await usage.heads('2026', '2027')).keys()]).toEqual(['2026-11-24T10', '2026-11-25T10', '2026-11-26T10']);
  expect(await prune(deps, { events: 1, usage: 2 })).toBe(0);
});
