import { request } from '../../data/client.ts';
import type { AnswerOf } from '../../data/routes.ts';
import { type Range, startOfMonth, timesOf } from './range.ts';

export type Usage = AnswerOf<'GET /api/usage'>;
export type UsageRow = Usage['rows'][number];

/** What can be shown apart from each other, and its words. */
export const groupings = [
  ['useCase', 'use case'],
  ['useCase,version', 'version'],
  ['step', 'step'],
  ['user', 'user'],
  ['account', 'account'],
  ['key', 'access key'],
  ['model', 'model'],
  ['category', 'provider'],
  ['outcome', 'outcome'],
] as const;
export type Grouping = (typeof groupings)[number][0];

/** Dimensions that a grouping has columns for. */
export type Dimension = 'useCase' | 'version' | 'step' | 'user' | 'account' | 'key' | 'model' | 'category' | 'outcome';
export const dimensionsOf = (grouping: Grouping): Dimension[] => grouping.split(',') as Dimension[];
export type Filters = Partial<Record<Dimension, string>>;

/** Everything that the overview shows. */
export interface OverviewData {
  /** Days of this month. */
  month: UsageRow[];
  /** By group, over the whole range. */
  groups: UsageRow[];
  /** There are more groups than one page has. */
  hasMore: boolean;
  /** By time; by group too where that is few enough. */
  times: UsageRow[];
  isDivided: boolean;
}

const MAX_ROWS = 1_000;

/** Three requests, of which the last depends on how many groups there are. */
export async function loadOverview(
  range: Range,
  groupBy: Grouping,
  filters: Filters,
  now: number,
  signal: AbortSignal,
): Promise<OverviewData> {
  const usage = (query: Parameters<typeof request<'GET /api/usage'>>[1]['query']) =>
    request('GET /api/usage', { query: { limit: MAX_ROWS, ...filters, ...query }, signal });
  const between = { from: isoOf(range.from), to: isoOf(range.to) };
  const [month, groups] = await Promise.all([
    usage({ from: isoOf(startOfMonth(now)), to: isoOf(now), interval: 'day' }),
    usage({ ...between, groupBy }),
  ]);
  const isDivided = groups.next === null && groups.rows.length * timesOf(range).length <= MAX_ROWS;
  const times = await usage({ ...between, interval: range.interval, ...(isDivided && { groupBy }) });
  return { month: month.rows, groups: groups.rows, hasMore: groups.next !== null, times: times.rows, isDivided };
}

const isoOf = (ms: number): string => new Date(ms).toISOString();
