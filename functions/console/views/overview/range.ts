import { timesBetween } from '../../format/series.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer times are shown by day. */
const MAX_HOURLY_MS = 7 * DAY_MS + HOUR_MS;

/** The times that can be chosen, by their names in the address. */
export const ranges = [
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['month', 'This month (UTC)'],
  ['year', 'Last 12 months'],
] as const;
export type RangeName = (typeof ranges)[number][0];

/** From one time and before the other, ms, and how it is divided. */
export interface Range {
  /** `custom`: two times of the address, which the user has marked. */
  name: RangeName | 'custom';
  from: number;
  to: number;
  interval: 'hour' | 'day';
}

const lengths: Record<Exclude<RangeName, 'month'>, number> = {
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
  year: 365 * DAY_MS,
};

/** The range that the address asks for; what it does not say, or says wrongly, is the last 24 hours. */
export function rangeOf(query: Readonly<Record<string, string>>, now: number): Range {
  const [from, to] = [Date.parse(query['from'] ?? ''), Date.parse(query['to'] ?? '')];
  if (from < to && from < now) return divided('custom', from, Math.min(to, now));
  const name = ranges.find(([each]) => each === query['range'])?.[0] ?? '24h';
  if (name === 'month') return divided(name, startOfMonth(now), now);
  return divided(name, now - lengths[name], now);
}

/** The times at which a range is divided: seconds, UTC. */
export const timesOf = ({ from, to, interval }: Range): number[] =>
  timesBetween(from, to, interval === 'hour' ? HOUR_MS : DAY_MS);

/** The first instant of the day, UTC. */
export const startOfDay = (now: number): number => Math.floor(now / DAY_MS) * DAY_MS;

/** The first instant of the month, UTC. */
export function startOfMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function divided(name: Range['name'], from: number, to: number): Range {
  const interval = to - from <= MAX_HOURLY_MS ? 'hour' : 'day';
  const step = interval === 'hour' ? HOUR_MS : DAY_MS;
  // The first part is a whole one: a bar of half an hour would look like a quiet hour. There are as many parts as the name says.
  const start =
    name === 'custom' || name === 'month' ? Math.floor(from / step) : Math.floor(to / step) - (to - from) / step + 1;
  return { name, from: start * step, to, interval };
}
