import { createLedger, type Ledger } from '../../../shared/ledger/ledger.ts';
import { type LedgerRow, rowOf } from '../../../shared/ledger/ledger-row.ts';
import { reportOutcomes } from '../../../shared/outcomes/report-outcomes.ts';
import type { Tables } from '../../../shared/tables/table.ts';
import type { UsageQuery } from '../../../shared/usage/answers/usage-query.ts';
import { createRefusalRows } from '../../../shared/usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../../../shared/usage/rollups/late-marks.ts';
import { HOUR_MS, hourOf, startOfSpan } from '../../../shared/usage/spans.ts';
import { createUsageService } from '../../../shared/usage/usage-service.ts';
import { manualClock, noting } from '../../support/events.ts';
import { randomEntry, seeded } from './random-row.ts';

const begin = Date.parse('2026-10-24T00:00:00Z');
const HOURS = 720;
const RUNS = 5;

/** Questions over a month whose rollups are in the tables, with the open hour in the ledger. */
export async function measureAnswers(
  tables: Tables,
  { events, users }: Record<'events' | 'users', number>,
  progress: (text: string) => void,
) {
  const next = seeded(2);
  const perHour = Math.round(events / HOURS);
  const end = begin + HOURS * HOUR_MS;
  const clock = manualClock(begin);
  const telemetry = noting();
  const marks = createLateMarks({ tables, clock, telemetry, keptDays: 90 });
  // Events of hours that are folded at once do not have to be written before.
  const made: Pick<Ledger, 'between' | 'earliestHour'> = {
    earliestHour: async () => hourOf(begin),
    async *between(hour): AsyncIterable<LedgerRow> {
      for (let n = 0; n < perHour; n++)
        yield rowOf(randomEntry(next, Math.floor(startOfSpan(hour) + next() * HOUR_MS), users));
    },
  };
  const folding = createUsageService({
    tables,
    ledger: made,
    marks,
    refusals: createRefusalRows(tables),
    clock,
    telemetry,
  });
  for (let day = 1; day <= 30; day++) {
    clock.nowMs = begin + day * 24 * HOUR_MS + 20 * 60_000;
    await folding.fold();
    if (day % 10 === 0) progress(`${day} days folded`);
  }
  const ledger = createLedger(tables);
  // In the order in which they were made, in batches of a minute.
  const times = Array.from({ length: perHour }, () => Math.floor(end + next() * HOUR_MS)).sort((a, b) => a - b);
  const open = times.map((atMs) => randomEntry(next, atMs, users));
  const batch = Math.ceil(perHour / 60);
  for (let at = 0; at < open.length; at += batch) await ledger.record(open.slice(at, at + batch));
  clock.nowMs = end + HOUR_MS;
  const usage = createUsageService({ tables, ledger, marks, refusals: createRefusalRows(tables), clock, telemetry });

  const month: UsageQuery = {
    from: hourOf(begin),
    before: hourOf(end + HOUR_MS),
    interval: 'none',
    groupBy: [],
    filters: {},
    limit: 100,
  };
  const questions: [string, Partial<UsageQuery>][] = [
    ['by day and use case', { interval: 'day', groupBy: ['useCase'], limit: 1_000 }],
    ['by user, first page', { groupBy: ['user'] }],
    ['by user, a page in the middle', { groupBy: ['user'], after: ['user-5', ''] }],
    ['one user by day', { interval: 'day', filters: { user: 'user-77' } }],
    ['a day by hour', { interval: 'hour', from: hourOf(end - 24 * HOUR_MS), groupBy: ['model'] }],
    ['all', {}],
  ];
  const asked: [string, () => Promise<number>][] = questions.map(([name, change]) => [
    name,
    async () => (await usage.report({ ...month, ...change })).rows.length,
  ]);
  const outcomes = { from: month.from, before: month.before, version: undefined, user: undefined, account: undefined };
  asked.push([
    'outcomes of one use case',
    async () => (await reportOutcomes(usage, { ...outcomes, useCase: 'trail_analysis' })).rows.length,
  ]);
  const answers = [];
  for (const [name, ask] of asked) {
    const took: number[] = [];
    let rows = 0;
    for (let run = 0; run <= RUNS; run++) {
      const from = performance.now();
      rows = await ask();
      // The first run is a warm-up.
      if (run > 0) took.push(performance.now() - from);
    }
    took.sort((a, b) => a - b);
    answers.push({ name, rows, medianMs: Math.round(took[RUNS >> 1] ?? 0), slowestMs: Math.round(took.at(-1) ?? 0) });
  }
  return { answers, storage: await measureStorage(tables, events) };
}

/** What the rollups take, columns in UTF-16 as the service counts them. */
async function measureStorage(tables: Tables, events: number) {
  let rows = 0;
  let characters = 0;
  for await (const row of tables.open('usage').query()) {
    rows += 1;
    characters += JSON.stringify(row).length;
  }
  const perMillion = 1_000_000 / events;
  return { rows, mibPerMillionEvents: Math.round(((characters * 2) / 2 ** 20) * perMillion * 10) / 10 };
}
