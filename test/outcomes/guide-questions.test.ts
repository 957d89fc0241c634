import { expect, test } from 'vitest';
import type { KpiEvent, UsageEvent } from '../../shared/events/usage-event.ts';
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
import { uuidV7 } from '../../shared/util/ids.ts';
import { kpiEvent, noting, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { random } from '../usage/random-traffic.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const begin = Date.parse('2026-11-21T22:00:00Z');
const HOURS = 30;
const EVENTS = 20_000;
const next = random(5);
const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
const admin: Caller = { userId: 'op', role: 'admin', via: 'access-key' };

interface Delivered {
  entry: LedgerEntry;
  atMs: number;
}

/** Analyses of two calls with a rating and perhaps a thumb, which may come a day later and be changed. */
function traffic(): { calls: UsageEvent[]; scores: KpiEvent[]; delivered: Delivered[] } {
  const calls: UsageEvent[] = [];
  const scores: KpiEvent[] = [];
  while (calls.length + scores.length < EVENTS) {
    const atMs = Math.floor(begin + next() * HOURS * HOUR);
    const id = next() < 0.8 ? uuidV7(atMs) : `chosen-${calls.length}`;
    const useCase = { name: pick(['trail_analysis', 'trail_finder']), id, version: pick([2, 3]) };
    const userId = `u${Math.floor(next() * 50)}`;
    const difficulty = 1 + Math.floor(next() * 5);
    const callAt = (ms: number, outcome: UsageEvent['outcome']): UsageEvent =>
      usageEvent({
        eventId: uuidV7(ms),
        occurredAt: new Date(ms).toISOString(),
        useCase,
        userId,
        accountName: `team-${Number(userId.slice(1)) % 3}`,
        resource: pick(['claude-sonnet-5-5', 'claude-haiku-5-5']),
        units: { text: { input: 300 * difficulty + Math.floor(next() * 100), output: 100 } },
        outcome,
        estimatedCost: Math.floor(next() * 1e8),
      });
    const succeeded = next() < 0.9;
    calls.push(
      callAt(atMs, 'succeeded'),
      callAt(atMs + Math.floor(next() * 20 * MINUTE), succeeded ? 'succeeded' : 'failed'),
    );
    const [call] = calls.slice(-1);
    if (!call) continue;
    const scoreAt = (ms: number, name: string, score: number | boolean) =>
      scores.push(
        kpiEvent(call, score, { eventId: uuidV7(ms), occurredAt: new Date(ms).toISOString(), kpis: [{ name, score }] }),
      );
    scoreAt(atMs + MINUTE, 'analysis_success', succeeded);
    if (succeeded) scoreAt(atMs + MINUTE, 'difficulty_rating', difficulty);
    if (next() < 0.2) scoreAt(atMs + Math.floor(next() * 12 * HOUR), 'user_satisfaction', next() < 0.5);
    if (next() < 0.05) scoreAt(atMs + Math.floor(next() * 12 * HOUR) + 13 * HOUR, 'user_satisfaction', next() < 0.5);
  }
  const delivered = [...calls, ...scores].flatMap((event): Delivered[] => {
    const soon = Date.parse(event.occurredAt) + Math.floor(next() * 20_000);
    const entry = (attempt: number, state: LedgerEntry['state'], atMs: number): Delivered => ({
      entry: {
        outgoing: { event, attempt, remaining: 'all' },
        tried: attempt > 0,
        state,
        outcome: state === 'ingested' ? 'accepted' : 'transient status_503',
        atMs,
      },
      atMs,
    });
    const late = soon + Math.floor(next() * 8 * HOUR);
    const kind = next();
    if (kind < 0.85) return [entry(0, 'ingested', soon)];
    if (kind < 0.9) return [entry(0, 'ingested', soon), entry(0, 'ingested', late)];
    if (kind < 0.95) return [entry(0, 'waiting', soon), entry(1, 'ingested', late)];
    // Given up, then replayed.
    return [entry(0, 'waiting', soon), entry(1, 'deadLettered', late), entry(2, 'ingested', late + HOUR)];
  });
  return { calls, scores, delivered: delivered.sort((a, b) => a.atMs - b.atMs) };
}

test('each question of the guide is answered by one request, to the nano-USD, from events that came late, twice or again', async () => {
  const { calls, scores, delivered } = traffic();
  const tables = new MemoryTables();
  let nowMs = begin;
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
  for (; at < delivered.length || nowMs < begin + (HOURS + 40) * HOUR; nowMs += 2 * HOUR) {
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
}, 60_000);
