import { expect, test } from 'vitest';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import type { Caller } from '../../shared/identity/caller.ts';
import { createInstanceStore } from '../../shared/instances/instance-store.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { LedgerState } from '../../shared/ledger/ledger-row.ts';
import { policySchema } from '../../shared/limits/policies/policy.ts';
import { instanceCursor, instancesRequestSchema, toInstancesQuery } from '../../shared/outcomes/instances-request.ts';
import { listInstances } from '../../shared/outcomes/list-instances.ts';
import { readInstance } from '../../shared/outcomes/read-instance.ts';
import { createInstanceIndex } from '../../shared/usage/instance-index/instance-index.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { kpiEvent, manualClock, noting, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random } from '../usage/random-traffic.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const admin: Caller = { userId: 'op', role: 'admin', via: 'access-key' };
const user = (userId: string): Caller => ({ userId, role: 'user', via: 'jwt' });

function begin() {
  const tables = new MemoryTables();
  const clock = manualClock();
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
  const indexMarks = createLateMarks({ tables, clock, telemetry, keptDays: 90, marksFor: 'late-index' });
  const ledger = markedLedger(createLedger(tables), marks, indexMarks);
  const instanceIndex = createInstanceIndex({ tables, ledger, marks: indexMarks, clock, telemetry });
  const refusals = createRefusalRows(tables);
  const usage = createUsageService({ tables, ledger, marks, refusals, clock, telemetry });
  const instances = createInstanceStore(tables);
  const policies = [
    { name: 'daily-budget', scope: 'global', window: 'day', maxUsd: 5, type: 'block' },
    { name: 'of-another', scope: 'global', window: 'day', maxUsd: 5, type: 'block', useCases: ['chat'] },
  ].map((policy) => policySchema.parse(policy));
  const deps = { ledger, instanceIndex, instances, usage, policies };
  const record = (event: Parameters<typeof entryOf>[0], state: LedgerState = 'ingested') =>
    ledger.record([entryOf(event, state, clock.now())]);
  const list = async (asked: Record<string, unknown> = {}, caller: Caller = admin, name = 'trail_search') => {
    const query = toInstancesQuery(instancesRequestSchema.parse(asked), name, caller, clock.now());
    const { instances: found, next } = await listInstances(deps, query);
    return { ids: found.map(({ useCaseId }) => useCaseId), found, next: next ? instanceCursor(next) : null };
  };
  const fold = async () => {
    await usage.fold();
    await instanceIndex.fold();
  };
  return { tables, clock, deps, fold, instances, record, list };
}

const entryOf = (event: UsageEvent | ReturnType<typeof kpiEvent>, state: LedgerState, atMs: number) => ({
  outgoing: { event, attempt: 0, remaining: 'all' as const },
  tried: false,
  state,
  outcome: 'accepted',
  atMs,
});

const call = (id: string, atMs: number, change: Partial<UsageEvent> = {}): UsageEvent =>
  usageEvent({
    eventId: uuidV7(atMs),
    occurredAt: new Date(atMs).toISOString(),
    ...change,
    useCase: { name: 'trail_search', id, version: 2, ...change.useCase },
  });

test('an instance joins its calls, steps, price lines, scores, limits and verdict', async () => {
  const { record, deps, instances, clock } = begin();
  const units = { text: { input: 1_000, output: 200 }, web_search_request: { output: 2 } };
  const useCase = { name: 'trail_search', id: 'chosen-by-the-caller' };
  const first = call(useCase.id, startMs, {
    units,
    useCase: { ...useCase, step: 'search' },
    // In the US zone: 2.2 USD a million in, 11 out; 10 USD a thousand searches.
    estimatedCost: 1_000 * 2_200 + 200 * 11_000 + 2 * 10_000_000,
  });
  await record(first);
  await record(call(useCase.id, startMs + 3 * HOUR, { useCase: { ...useCase, step: 'repair' }, estimatedCost: null }));
  await record(kpiEvent(first, 3, { kpis: [{ name: 'result_count', score: 3 }] }));
  const later = { occurredAt: new Date(startMs + 50 * HOUR).toISOString(), eventId: uuidV7(startMs + 50 * HOUR) };
  await record(kpiEvent(first, 5, { ...later, kpis: [{ name: 'result_count', score: 5 }] }));
  await instances.save({
    useCaseName: useCase.name,
    useCaseId: useCase.id,
    userId: 'u1',
    status: 'skipped',
    reason: 'not_sampled',
    updatedAt: new Date(clock.now()).toISOString(),
  });
  const view = await readInstance(deps, user('u1'), useCase);
  expect(view).toMatchObject({
    requests: 2,
    version: 2,
    userId: 'u1',
    startedAt: '2026-11-23T10:00:00.000Z',
    lastCallAt: '2026-11-23T13:00:00.000Z',
    estimatedUsd: 0.0244,
    unestimated: 1,
    more: false,
    steps: [
      { step: 'search', requests: 1, estimatedUsd: 0.0244 },
      { step: 'repair', requests: 1, estimatedUsd: null },
    ],
    kpis: [{ name: 'result_count', score: 5, eventId: later.eventId, state: 'ingested' }],
    limits: [{ id: 'daily-budget:2026-11-23', policy: 'daily-budget', type: 'block' }],
    verdict: { status: 'skipped', reason: 'not_sampled' },
  });
  expect(view.calls[0]?.priceLines).toEqual([
    { unit: 'text', direction: 'input', amount: 1_000, unitUsd: 0.0000022, usd: 0.0022 },
    { unit: 'text', direction: 'output', amount: 200, unitUsd: 0.000011, usd: 0.0022 },
    { unit: 'web_search_request', direction: 'output', amount: 2, unitUsd: 0.01, usd: 0.02 },
  ]);
  expect(view.calls[1]?.priceLines).toBeNull();
});

test('a user reads an instance of the own calls alone; another user’s is 404', async () => {
  const { record, deps } = begin();
  const ref = { name: 'trail_search', id: 'shared' };
  await record(call(ref.id, startMs, { userId: 'sam' }));
  await record(kpiEvent(call(ref.id, startMs), true));
  expect((await readInstance(deps, user('sam'), ref)).kpis).toHaveLength(1);
  await record(call(ref.id, startMs + 1, { userId: 'eve' }));
  const own = await readInstance(deps, user('sam'), ref);
  expect([own.requests, own.calls.map(({ userId }) => userId), own.kpis]).toEqual([1, ['sam'], []]);
  expect((await readInstance(deps, admin, ref)).requests).toBe(2);
  await expect(readInstance(deps, user('dan'), ref)).rejects.toMatchObject({ status: 404 });
  for (const id of ['', '..', 'a\nb', 'x'.repeat(600), 'unknown'])
    await expect(readInstance(deps, admin, { ...ref, id })).rejects.toMatchObject({ status: 404 });
  const key = { name: 'k', useCases: ['other'], namesUsers: false };
  await expect(readInstance(deps, { ...admin, key }, ref)).rejects.toMatchObject({ status: 403 });
});

test('an id that was made here costs no row of the index while its calls follow at once', async () => {
  const { record, deps, tables, clock, fold } = begin();
  const id = uuidV7(startMs);
  const ref = { name: 'trail_search', id };
  const rows = () => tables.rows('instanceevents').filter(({ partitionKey }) => partitionKey !== 'state');
  await record(call(id, startMs + 4 * MINUTE));
  clock.nowMs = startMs + 2 * HOUR;
  await fold();
  expect(rows()).toEqual([]);
  await record(call(id, startMs + 80 * MINUTE));
  expect((await readInstance(deps, admin, ref)).requests).toBe(2);
  clock.nowMs = startMs + 3 * HOUR;
  await fold();
  expect(rows()).toHaveLength(1);
  expect((await readInstance(deps, admin, ref)).requests).toBe(2);
});

test('the list has each instance once, at its last call, with the calls of all hours', async () => {
  const { record, list, clock, fold } = begin();
  await record(call('long', startMs));
  await record(call('short', startMs + HOUR));
  await record(call('long', startMs + 5 * HOUR, { outcome: 'failed' }));
  await record(call('other', startMs + 6 * HOUR, { useCase: { name: 'chat', id: 'other' } }));
  clock.nowMs = startMs + 7 * HOUR;
  for (const folded of [false, true]) {
    if (folded) await fold();
    const { ids, found } = await list();
    expect(ids).toEqual(['long', 'short']);
    expect(found[0]?.figures.requests).toBe(2);
    expect((await list({ outcome: 'succeeded' })).ids).toEqual(['long', 'short']);
    expect((await list({ outcome: 'failed' })).ids).toEqual(['long']);
    expect((await list({ minUsd: 0.003 })).ids).toEqual(['long']);
    expect((await list({ model: 'gpt-5.2' })).ids).toEqual([]);
    expect((await list({ state: 'waiting' })).ids).toEqual([]);
    // Its last call began later.
    expect((await list({ to: new Date(startMs + 2 * HOUR).toISOString() })).ids).toEqual(['short']);
    expect((await list({ from: new Date(startMs + 2 * HOUR).toISOString() })).ids).toEqual(['long']);
    expect((await list({}, user('u1'))).ids).toEqual(['long', 'short']);
    expect((await list({}, user('eve'))).ids).toEqual([]);
    await expect(list({ user: 'u1' }, user('eve'))).rejects.toMatchObject({ status: 403 });
    await expect(list({ cursor: 'x' })).rejects.toMatchObject({ status: 400 });
  }
});

test.each([1, 2, 3])('pages of any size hold what the events add up to (seed %i)', async (seed) => {
  const next = random(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  const { record, list, clock, fold, deps } = begin();
  const calls: UsageEvent[] = [];
  for (let n = 0; n < 120; n++) {
    const atMs = Math.floor(startMs + next() * 40 * HOUR);
    const id = next() < 0.4 ? uuidV7(atMs - Math.floor(next() * 8 * MINUTE)) : `run-${Math.floor(next() * 30)}`;
    const userId = pick(['sam', 'eve']);
    calls.push(call(id, atMs, { userId, estimatedCost: Math.floor(next() * 1e7) }));
  }
  const late = calls.filter(() => next() < 0.1);
  for (const event of calls) if (!late.includes(event)) await record(event);
  clock.nowMs = startMs + 41 * HOUR;
  await fold();
  for (const event of [...late, ...calls.slice(0, 20)]) await record(event);

  for (const caller of [admin, user('sam')]) {
    const expected = new Map<string, { last: number; cost: number; requests: number }>();
    for (const { useCase, userId, occurredAt, estimatedCost } of calls) {
      if (caller.role === 'user' && userId !== caller.userId) continue;
      const key = `${useCase.id} ${userId}`;
      const sum = expected.get(key) ?? { last: 0, cost: 0, requests: 0 };
      sum.last = Math.max(sum.last, Date.parse(occurredAt));
      expected.set(key, { ...sum, cost: sum.cost + (estimatedCost ?? 0), requests: sum.requests + 1 });
    }
    const listed: [string, { last: number; cost: number; requests: number }][] = [];
    let cursor: string | null | undefined;
    do {
      const page = await list({ limit: 7, ...(cursor && { cursor }) }, caller);
      for (const { useCaseId, userId, lastCallAt, figures } of page.found)
        listed.push([
          `${useCaseId} ${userId}`,
          { last: Date.parse(lastCallAt), cost: Number(figures.estimatedCost), requests: figures.requests },
        ]);
      cursor = page.next;
    } while (cursor);
    expect(new Map(listed)).toEqual(expected);
    expect(listed).toHaveLength(expected.size);
    const times = listed.map(([, { last }]) => last);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const [one] = calls;
    if (caller.role === 'admin' && one)
      expect((await readInstance(deps, caller, one.useCase)).requests).toBe(
        calls.filter(({ useCase }) => useCase.id === one.useCase.id).length,
      );
  }
});
