import { expect, test } from 'vitest';
import type { UsageEvent } from '../../shared/events/usage-event.ts';
import type { Caller } from '../../shared/identity/caller.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { LedgerEntry } from '../../shared/ledger/ledger-row.ts';
import { outcomesRequestSchema, toOutcomesQuery } from '../../shared/outcomes/outcomes-request.ts';
import { reportOutcomes } from '../../shared/outcomes/report-outcomes.ts';
import { toUsageQuery, usageRequestSchema } from '../../shared/usage/answers/usage-request.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { createUsageService } from '../../shared/usage/usage-service.ts';
import { noting } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random } from '../usage/random-traffic.ts';
import { guideTraffic, TRAFFIC_HOURS, trafficBegin } from './guide-traffic.ts';

const HOUR = 3_600_000;
const next = random(5);
const admin: Caller = { userId: 'op', role: 'admin', via: 'access-key' };

test('each question of the guide is answered by one request, to the nano-USD, from events that came late, twice or again', async () => {
  const { calls, scores, delivered } = guideTraffic(next);
  const tables = new MemoryTables();
  let nowMs = trafficBegin;
  const clock = { now: () => nowMs, sleep: async () => undefined };
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
  const ledger = markedLedger(createLedger(tables), marks);
  const options = { ledger, marks, refusals: createRefusalRows(tables), clock, telemetry };
  const usage = createUsageService({ ...options, tables });
  let killAfter = Number.POSITIVE_INFINITY;
  const mortal = tables.client({
    before: async (operation) => {
      if (operation !== 'get' && operation !== 'query' && killAfter-- <= 0) throw new Error('killed');
      return 'answered';
    },
  });
  const folder = createUsageService({ ...options, tables: mortal });
  let kills = 0;
  let at = 0;
  for (; at < delivered.length || nowMs < trafficBegin + (TRAFFIC_HOURS + 40) * HOUR; nowMs += 2 * HOUR) {
    const due: LedgerEntry[] = [];
    for (let one = delivered[at]; one && one.atMs <= nowMs; one = delivered[++at]) due.push(one.entry);
    for (let from = 0; from < due.length; from += 200) await ledger.record(due.slice(from, from + 200));
    killAfter = next() < 0.5 ? Math.floor(next() * 10) : Number.POSITIVE_INFINITY;
    await folder.fold().catch(() => {
      kills += 1;
    });
  }
  expect(kills).toBeGreaterThan(3);

  const ask = async (request: Record<string, string>) =>
    (await usage.report(toUsageQuery(usageRequestSchema.parse({ limit: '1000', ...request }), admin, nowMs))).rows;
  const outcomes = async (request: Record<string, string> = {}) =>
    (await reportOutcomes(usage, toOutcomesQuery(outcomesRequestSchema.parse(request), admin, nowMs))).rows;
  const nano = (usd: number): number => Math.round(usd * 1e9);
  const sums = (of: (call: UsageEvent) => string): [string, number, number][] => {
    const found = new Map<string, [number, number]>();
    for (const call of calls) {
      const [requests, cost] = found.get(of(call)) ?? [0, 0];
      found.set(of(call), [requests + 1, cost + (call.estimatedCost ?? 0)]);
    }
    return [...found].map(([key, [requests, cost]]): [string, number, number] => [key, requests, cost]).sort();
  };

  // How much are we spending on AI, and where? Which features, users and teams? Are we using the right models?
  for (const [groupBy, of] of [
    ['useCase', (call: UsageEvent) => call.useCase.name],
    ['user', (call: UsageEvent) => call.userId ?? ''],
    ['account', (call: UsageEvent) => call.accountName ?? ''],
    ['model', (call: UsageEvent) => call.resource],
  ] as const) {
    const rows = await ask({ groupBy });
    expect(rows.map((row) => [row[groupBy] ?? '', row.requests, nano(row.estimatedUsd ?? 0)]).sort()).toEqual(sums(of));
  }
  const [all] = await ask({});
  expect(all).toMatchObject({
    requests: calls.length,
    failed: calls.filter(({ outcome }) => outcome === 'failed').length,
  });

  // The last score of each KPI of an instance counts.
  const last = new Map<string, { at: string; score: number | boolean; id: string }>();
  for (const { useCase, occurredAt, kpis, eventId } of scores)
    for (const { name, score } of kpis) {
      const key = `${useCase.id} ${name}`;
      const known = last.get(key);
      if (!known || occurredAt > known.at || (occurredAt === known.at && eventId > known.id))
        last.set(key, { at: occurredAt, score, id: eventId });
    }
  const rows = await outcomes();
  expect(rows).toHaveLength(4);
  for (const row of rows) {
    const own = calls.filter(({ useCase }) => useCase.name === row.useCase && useCase.version === row.version);
    const total = own.reduce((sum, { estimatedCost }) => sum + (estimatedCost ?? 0), 0);
    const ids = new Set(own.map(({ useCase }) => useCase.id));
    const scoreOf = (id: string, name: string) => last.get(`${id} ${name}`)?.score;
    expect([row.instances, row.requests, nano(row.estimatedUsd ?? 0)]).toEqual([ids.size, own.length, total]);
    const kpi = (name: string) => row.kpis.find((one) => one.name === name);
    // What is the average cost per successful analysis?
    const successes = [...ids].filter((id) => scoreOf(id, 'analysis_success') === true).length;
    expect(kpi('analysis_success')?.yes?.instances).toBe(successes);
    expect(nano((kpi('analysis_success')?.yes?.usdPerInstance ?? 0) * successes)).toBe(total);
    expect(kpi('analysis_success')?.average.value).toBe(successes / ids.size);
    // What does a satisfied user cost?
    const satisfied = new Set(
      own.filter(({ useCase }) => scoreOf(useCase.id, 'user_satisfaction') === true).map(({ userId }) => userId),
    );
    expect(kpi('user_satisfaction')?.yes?.users).toBe(satisfied.size);
    expect(nano((kpi('user_satisfaction')?.yes?.usdPerUser ?? 0) * satisfied.size)).toBe(total);
    // Do higher difficulty trails require more tokens?
    const tokens = new Map<number, number>();
    for (const { useCase, units } of own) {
      const rating = scoreOf(useCase.id, 'difficulty_rating');
      const used = (units['text']?.input ?? 0) + (units['text']?.output ?? 0);
      if (typeof rating === 'number') tokens.set(rating, (tokens.get(rating) ?? 0) + used);
    }
    const groups = kpi('difficulty_rating')?.byScore ?? [];
    expect(
      groups.map(({ from, tokensPerInstance, instances }) => [from, Math.round(tokensPerInstance.value * instances)]),
    ).toEqual([...tokens].sort(([a], [b]) => a - b));
  }
});
