import { reportOutcomes } from '../../../shared/outcomes/report-outcomes.ts';
import type { Tables } from '../../../shared/tables/table.ts';
import type { UsageQuery } from '../../../shared/usage/answers/usage-query.ts';
import { HOUR_MS, hourOf } from '../../../shared/usage/spans.ts';
import { manualClock } from '../../support/events.ts';
import { fillMonth, MONTH_HOURS } from './fill-month.ts';

const RUNS = 5;
const begin = Date.parse('2026-10-24T00:00:00Z');

/** Questions over a month whose rollups are in the tables, with the open hour in the ledger. */
export async function measureAnswers(
  tables: Tables,
  { events, users }: Record<'events' | 'users', number>,
  progress: (text: string) => void,
) {
  const end = begin + MONTH_HOURS * HOUR_MS;
  const clock = manualClock(end + HOUR_MS);
  const { usage } = await fillMonth(tables, { events, users, begin, until: clock.nowMs, clock }, progress);

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
