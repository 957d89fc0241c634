import { Temporal } from 'temporal-polyfill';
import { always, type Period, periodBetween } from './period.ts';
import type { Policy } from './policy.ts';
import { weekdays } from './window-members.ts';

/** What of a policy says when its limits begin and end. */
export type WindowRule = Pick<Policy, 'window' | 'zone' | 'start' | 'days'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const months = { month: 1, quarter: 3 } as const;

/** The last period of each rule that was asked for: calls come in the order of time, so it is nearly always the right one. */
const lastPeriods = new WeakMap<WindowRule, Period>();

/**
 * The period of a policy that an instant (ms, UTC) falls into. Periods follow each other without a gap, whatever the clocks of the zone
 * do: a local time that is skipped counts as the first one after it, one that comes twice as the earlier one, and a day that a
 * month does not have as its last one.
 */
export function windowAt(rule: WindowRule, atMs: number): Period {
  const last = lastPeriods.get(rule);
  if (last && last.fromMs <= atMs && atMs < last.toMs) return last;
  const period = periodAt(rule, atMs);
  lastPeriods.set(rule, period);
  return period;
}

function periodAt(rule: WindowRule, atMs: number): Period {
  if (rule.window === 'none') return always;
  if (rule.window === 'minute') return fixed(atMs, MINUTE_MS);
  if (rule.window === 'hour') return fixed(atMs, HOUR_MS);
  const zone = rule.zone ?? 'UTC';
  const hour = rule.start?.hour ?? 0;
  const begin = (anchor: Temporal.PlainDate): number =>
    firstDay(rule, anchor).toZonedDateTime({ timeZone: zone, plainTime: { hour } }).epochMilliseconds;
  const today = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone).toPlainDate();
  let anchor = anchorOf(rule, today);
  while (begin(anchor) > atMs) anchor = anchor.subtract(lengthOf(rule));
  // Not far: a period holds the day or begins within the next one. A zone can leave a whole day out.
  while (begin(anchor.add(lengthOf(rule))) <= atMs) anchor = anchor.add(lengthOf(rule));
  return periodBetween(begin(anchor), begin(anchor.add(lengthOf(rule))));
}

function fixed(atMs: number, lengthMs: number): Period {
  const fromMs = Math.floor(atMs / lengthMs) * lengthMs;
  return periodBetween(fromMs, fromMs + lengthMs);
}

/** The date by which the period that holds a date is counted: its first day; for months and quarters the first of the month. */
function anchorOf({ window, start, days = 1 }: WindowRule, date: Temporal.PlainDate): Temporal.PlainDate {
  switch (window) {
    case 'week': {
      const first = 1 + weekdays.indexOf(start?.weekday ?? 'monday');
      return date.subtract({ days: (date.dayOfWeek - first + 7) % 7 });
    }
    case 'month':
      return date.with({ day: 1 });
    case 'quarter':
      return date.with({ day: 1, month: date.month - ((date.month - 1) % months.quarter) });
    case 'days': {
      const first = Temporal.PlainDate.from(start?.date ?? '1970-01-01');
      const passed = first.until(date, { largestUnit: 'day' }).days;
      return first.add({ days: Math.floor(passed / days) * days });
    }
    default:
      return date;
  }
}

/** The day on which the period of an anchor begins; `constrain` takes the last of a month that has no such day. */
const firstDay = ({ window, start }: WindowRule, anchor: Temporal.PlainDate): Temporal.PlainDate =>
  window === 'month' || window === 'quarter'
    ? anchor.with({ day: start?.day ?? 1 }, { overflow: 'constrain' })
    : anchor;

function lengthOf({ window, days = 1 }: WindowRule): { days: number } | { months: number } {
  if (window === 'month' || window === 'quarter') return { months: months[window] };
  return { days: window === 'week' ? 7 : window === 'days' ? days : 1 };
}
