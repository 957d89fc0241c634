import { expect, test } from 'vitest';
import type { KpiScore, UsageEvent } from '../../shared/events/usage-event.ts';
import type { Caller } from '../../shared/identity/caller.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { addToSample, meanInterval, noSample, shareInterval } from '../../shared/outcomes/interval.ts';
import { outcomesRequestSchema, toOutcomesQuery } from '../../shared/outcomes/outcomes-request.ts';
import { reportOutcomes } from '../../shared/outcomes/report-outcomes.ts';
import { toUsageQuery, usageRequestSchema } from '../../shared/usage/answers/usage-request.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { declaredKpis } from '../../shared/use-cases/kpi-facts.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { manualClock, noting, startMs, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random } from '../usage/random-traffic.ts';

const HOUR = 3_600_000;
const admin: Caller = { userId: 'op', role: 'admin', via: 'access-key' };

function begin() {
  const tables = new MemoryTables();
  const clock = manualClock();
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
  const ledger = markedLedger(createLedger(tables), marks);
  const usage = createUsageService({ tables, ledger, marks, refusals: createRefusalRows(tables), clock, telemetry });
  const record = (event: Parameters<typeof ledger.record>[0][number]['outgoing']['event']) =>
    ledger.record([
      {
        outgoing: { event, attempt: 0, remaining: 'all' },
        tried: false,
        state: 'ingested',
        outcome: 'accepted',
        atMs: clock.now(),
      },
    ]);
  const call = (id: string, atMs: number, change: Partial<UsageEvent> = {}) =>
    record(
      usageEvent({
        eventId: uuidV7(atMs),
        occurredAt: new Date(atMs).toISOString(),
        ...change,
        useCase: { name: 'trail_analysis', version: 3, ...change.useCase, id },
      }),
    );
  const score = (id: string, atMs: number, ...kpis: KpiScore[]) =>
    record({
      schemaVersion: 1,
      kind: 'kpi',
      eventId: uuidV7(atMs),
      occurredAt: new Date(atMs).toISOString(),
      useCase: { name: 'trail_analysis', id },
      kpis,
    });
  const report = (asked: Record<string, unknown> = {}, caller = admin) =>
    reportOutcomes(usage, toOutcomesQuery(outcomesRequestSchema.parse(asked), caller, clock.now()));
  return { clock, usage, call, score, report };
}

test('intervals are those of the tables', () => {
  expect(shareInterval(8, 10)?.map((end) => end.toFixed(4))).toEqual(['0.4902', '0.9433']);
  expect(shareInterval(0, 5)?.[0]).toBe(0);
  expect(shareInterval(0, 0)).toBeUndefined();
  const sampleOf = (values: number[]) => {
    const sample = noSample();
    for (const value of values) addToSample(sample, value);
    return sample;
  };
  expect(meanInterval(sampleOf([1, 2, 3]))?.map((end) => end.toFixed(3))).toEqual(['-0.484', '4.484']);
  // 31 values, 30 degrees of freedom: 2.0423.
  const many = Array.from({ length: 31 }, (_, n) => n - 15);
  expect(meanInterval(sampleOf(many))?.[1]).toBeCloseTo(2.0423 * Math.sqrt((31 * 32) / 12 / 31), 3);
  expect(meanInterval(sampleOf([7]))).toBeUndefined();
  expect(meanInterval(sampleOf([0.1, 0.1, 0.1]))).toEqual([0.1, 0.1].map((end) => expect.closeTo(end, 6)));
});

test('cost stands next to what it was worth, version by version', async () => {
  const { call, score, report, clock, usage } = begin();
  const usd = (dollars: number) => dollars * 1e9;
  const tokens = (input: number) => ({ text: { input, output: 100 } });
  // Version 2: two analyses, one succeeds. Version 3: three, all succeed; two users like theirs, one of them twice.
  const v2 = { name: 'trail_analysis', id: '', version: 2 };
  await call('a', startMs, { useCase: v2, userId: 'sam', estimatedCost: usd(1), units: tokens(900) });
  await call('b', startMs, { useCase: v2, userId: 'eve', estimatedCost: usd(3), units: tokens(900) });
  await score('a', startMs + 1, { name: 'analysis_success', score: true });
  await score('b', startMs + 1, { name: 'analysis_success', score: false });
  for (const [id, userId, difficulty, input] of [
    ['c', 'sam', 2, 400],
    ['d', 'sam', 4, 1_400],
    ['e', 'eve', 4, 2_400],
  ] as const) {
    await call(id, startMs + HOUR, { userId, estimatedCost: usd(1), units: tokens(input) });
    await call(id, startMs + 2 * HOUR, { userId, estimatedCost: usd(0.5), units: tokens(0) });
    await score(id, startMs + HOUR + 1, { name: 'difficulty_rating', score: difficulty });
    await score(id, startMs + HOUR + 1, { name: 'analysis_success', score: true });
    await score(id, startMs + 20 * HOUR, { name: 'user_satisfaction', score: false });
    await score(id, startMs + 30 * HOUR, { name: 'user_satisfaction', score: id !== 'd' });
  }
  clock.nowMs = startMs + 31 * HOUR;
  for (const folded of [false, true]) {
    if (folded) await usage.fold();
    const { rows } = await report();
    expect(rows.map(({ version, instances, users }) => [version, instances, users])).toEqual([
      [2, 2, 2],
      [3, 3, 2],
    ]);
    const [before, after] = rows;
    const kpi = (row: typeof before, name: string) => row?.kpis.find((one) => one.name === name);
    // Cost per successful analysis: 4 USD for one, 4.5 for three.
    expect(kpi(before, 'analysis_success')).toMatchObject({
      scored: 2,
      average: { value: 0.5 },
      meetsGoal: false,
      yes: { instances: 1, users: 1, usdPerInstance: 4, usdPerUser: 4 },
    });
    expect(kpi(after, 'analysis_success')).toMatchObject({
      average: { value: 1, low: expect.closeTo(0.4385, 4), high: 1 },
      meetsGoal: true,
      yes: { instances: 3, users: 2, usdPerInstance: 1.5, usdPerUser: 2.25 },
    });
    // Cost per satisfied user; the last thumb counts.
    expect(kpi(after, 'user_satisfaction')).toMatchObject({
      scored: 3,
      yes: { instances: 2, users: 2, usdPerInstance: 2.25, usdPerUser: 2.25 },
    });
    // Do harder trails take more tokens?
    expect(kpi(after, 'difficulty_rating')).toMatchObject({
      facts: { type: 'number', unit: 'points', scale: [1, 5], goal: 3 },
      average: { value: 10 / 3 },
      yes: null,
      byScore: [
        { from: 2, to: 2, instances: 1, tokensPerInstance: { value: 600, low: null } },
        { from: 4, to: 4, instances: 2, tokensPerInstance: { value: 2_100 }, usdPerInstance: { value: 1.5 } },
      ],
    });
    expect(after?.usdPerInstance).toMatchObject({ value: 1.5, low: 1.5, high: 1.5 });
    const own = await report({}, { userId: 'eve', role: 'user', via: 'jwt' });
    expect(own.rows.map(({ version, instances, users }) => [version, instances, users])).toEqual([
      [2, 1, 1],
      [3, 1, 1],
    ]);
    expect((await report({ version: '2' })).rows).toHaveLength(1);
    expect((await report({ useCase: 'chat' })).rows).toEqual([]);
    const key = { name: 'k', useCases: ['chat'], namesUsers: false };
    expect((await report({}, { ...admin, key })).rows).toEqual([]);
    const asked = (request: object, caller: Caller) =>
      toUsageQuery(usageRequestSchema.parse(request), caller, clock.now());
    expect((await usage.report(asked({}, admin))).rows).toHaveLength(1);
    expect((await usage.report(asked({}, { ...admin, key }))).rows).toEqual([]);
    expect(() => asked({ useCase: 'trail_analysis' }, { ...admin, key })).toThrow('not for the use case');
    await expect(async () => report({ useCase: 'trail_analysis' }, { ...admin, key })).rejects.toMatchObject({
      status: 403,
    });
    await expect(async () => report({ user: 'sam' }, { ...admin, role: 'user' })).rejects.toMatchObject({
      status: 403,
    });
  }
});

test.each([1, 2])('outcomes are the sums of the events, whatever was folded when (seed %i)', async (seed) => {
  const next = random(seed);
  const { call, score, report, clock, usage } = begin();
  const events: { at: number; id: string; cost?: number; value?: number }[] = [];
  for (let n = 0; n < 300; n++) {
    const at = Math.floor(startMs + next() * 60 * HOUR);
    const id = `run-${Math.floor(next() * 60)}`;
    events.push(next() < 0.6 ? { at, id, cost: Math.floor(next() * 1e8) } : { at, id, value: Math.floor(next() * 40) });
  }
  const done: typeof events = [];
  for (let hour = 0; hour < 70; hour += 1) {
    clock.nowMs = startMs + hour * HOUR;
    for (const event of events) {
      if (done.includes(event) || event.at > clock.nowMs || next() < 0.1) continue;
      done.push(event);
      if (event.cost !== undefined)
        await call(event.id, event.at, { estimatedCost: event.cost, userId: `u-${event.id}` });
      else await score(event.id, event.at, { name: 'route_distance', score: event.value ?? 0 });
    }
    if (next() < 0.5) await usage.fold();
    if (next() > 0.15 && hour < 69) continue;
    const { rows } = await report({ from: new Date(startMs).toISOString() });
    const row = rows.find(({ version }) => version === 3);
    const costs = new Map<string, number>();
    const values = new Map<string, { at: number; value: number }>();
    for (const { id, at, cost, value } of done) {
      if (cost !== undefined) costs.set(id, (costs.get(id) ?? 0) + cost);
      const known = values.get(id);
      if (value !== undefined && (!known || at > known.at)) values.set(id, { at, value });
    }
    const total = [...costs.values()].reduce((sum, cost) => sum + cost, 0);
    expect([row?.instances ?? 0, row?.estimatedUsd ?? 0]).toEqual([costs.size, total / 1e9]);
    const called = [...values].filter(([id]) => costs.has(id));
    const kpi = row?.kpis[0];
    expect(kpi?.scored ?? 0).toBe(called.length);
    const groups = kpi?.byScore ?? [];
    expect(groups.length).toBeLessThanOrEqual(12);
    const costOf = (from: number, to: number) =>
      called.reduce((sum, [id, { value }]) => (value >= from && value <= to ? sum + (costs.get(id) ?? 0) : sum), 0);
    for (const { from, to, instances, usdPerInstance } of groups)
      expect(usdPerInstance.value * instances).toBeCloseTo(costOf(from, to) / 1e9, 9);
    expect(groups.reduce((sum, { instances }) => sum + instances, 0)).toBe(called.length);
  }
  expect(done).toHaveLength(events.length);
});

test('every KPI says what it means', () => {
  expect(declaredKpis.length).toBeGreaterThan(15);
  for (const { type, unit, scale, description, goal } of declaredKpis) {
    expect(description).not.toBe('');
    expect(unit).not.toBe('number');
    if (scale) expect(goal >= scale[0] && goal <= scale[1]).toBe(true);
    if (type === 'boolean') expect(scale).toEqual([0, 1]);
  }
});
