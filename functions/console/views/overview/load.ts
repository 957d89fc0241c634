import { request } from '../../data/client.ts';
import { asQuery, type Filters, type Grouping } from './groupings.ts';
import type { DaySpend } from './projection.ts';
import { type Range, startOfDay, startOfMonth, timesOf } from './range.ts';
import type { UsageRow } from './usage.ts';

/** Everything that the overview shows. */
export interface OverviewData {
  /** Days of this month. */
  month: DaySpend[];
  /** This day, UTC; undefined without a call. */
  today: UsageRow | undefined;
  /** By group, over the whole range. */
  groups: UsageRow[];
  /** There are more groups than one page has. */
  hasMore: boolean;
  /** By time; by group too where that is few enough. */
  times: UsageRow[];
  isDivided: boolean;
  /** What usage can be grouped by. */
  dimensions: readonly string[];
}

const MAX_ROWS = 1_000;

/** Groupings whose groups the app knows: so few that the chart can be divided by them. Of others there can be any number. */
const fewGroups: readonly Grouping[] = ['useCase', 'useCase,version', 'step', 'model', 'category', 'outcome'];

/** Whether the times of a grouping and its filters came divided by group the last time; for the next one. */
export type WasDivided = Map<string, boolean>;

/**
 * Three requests: at once where it is known whether the times can be divided by group, else the last one after the others. Where they
 * turn out not to be, there is a fourth one, which `known` spares the next time.
 */
export async function loadOverview(
  { range, groupBy, filters, now }: { range: Range; groupBy: Grouping; filters: Filters; now: number },
  known: WasDivided,
  signal: AbortSignal,
): Promise<OverviewData> {
  const usage = (query: Parameters<typeof request<'GET /api/usage'>>[1]['query']) =>
    request('GET /api/usage', { query: { limit: MAX_ROWS, ...asQuery(filters), ...query }, signal });
  const between = { from: isoOf(range.from), to: isoOf(range.to) };
  const timesOfUsage = (isDivided: boolean) =>
    usage({ ...between, interval: range.interval, ...(isDivided && { groupBy }) });

  const key = JSON.stringify([groupBy, filters, timesOf(range).length]);
  const expected = known.get(key) ?? (fewGroups.includes(groupBy) || undefined);
  // Days that are shown anyway are not asked for twice.
  const hasMonth = range.interval === 'day' && range.from <= startOfMonth(now) && range.to >= now;
  const [days, groups, early] = await Promise.all([
    usage({ from: isoOf(hasMonth ? startOfDay(now) : startOfMonth(now)), to: isoOf(now), interval: 'day' }),
    usage({ ...between, groupBy }),
    expected === undefined ? undefined : timesOfUsage(expected),
  ]);
  const fits = groups.next === null && groups.rows.length * timesOf(range).length <= MAX_ROWS;
  // A page of divided times is not all of them: then they are asked for undivided, here and the next time.
  const isCut = expected === true && early?.next !== null;
  const isDivided = isCut ? false : (expected ?? fits);
  known.set(key, !isCut && (isDivided || fits));
  const times = early && !isCut ? early : await timesOfUsage(isDivided);
  return {
    month: daysOf(hasMonth ? times.rows : days.rows, startOfMonth(now)),
    today: days.rows.find(({ start = '' }) => Date.parse(start) === startOfDay(now)),
    groups: groups.rows,
    hasMore: groups.next !== null,
    times: times.rows,
    isDivided,
    dimensions: groups.dimensions,
  };
}

/** What each day from a time on came to. Rows are of days; a day can have several, by group. */
function daysOf(rows: readonly UsageRow[], from: number): DaySpend[] {
  const days = new Map<string, number>();
  for (const { start = '', estimatedUsd } of rows)
    if (Date.parse(start) >= from) days.set(start, (days.get(start) ?? 0) + (estimatedUsd ?? 0));
  return [...days].map(([start, usd]) => ({ start, usd }));
}

const isoOf = (ms: number): string => new Date(ms).toISOString();
