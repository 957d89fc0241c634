import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { readPeriod } from '../../shared/limits/policies/period.ts';
import { type WindowRule, windowAt } from '../../shared/limits/policies/window.ts';

const zones = [
  'UTC',
  'America/New_York',
  'America/Santiago', // Its clocks change at midnight.
  'America/St_Johns',
  'Europe/Berlin',
  'Europe/London',
  'Africa/Casablanca', // Winter time in Ramadan.
  'Asia/Kathmandu',
  'Australia/Lord_Howe', // Half an hour of summer time.
  'Pacific/Chatham',
];

const rules: WindowRule[] = [
  { window: 'day' },
  { window: 'day', start: { hour: 2 } },
  { window: 'day', start: { hour: 23 } },
  { window: 'week' },
  { window: 'week', start: { weekday: 'sunday', hour: 3 } },
  { window: 'month' },
  { window: 'month', start: { day: 31, hour: 6 } },
  { window: 'month', start: { day: 15 } },
  { window: 'quarter' },
  { window: 'quarter', start: { day: 30, hour: 1 } },
  { window: 'days', days: 1, start: { date: '2026-02-28' } },
  { window: 'days', days: 14, start: { date: '2025-12-29', hour: 2 } },
  { window: 'days', days: 90, start: { date: '2031-07-01' } },
];

const FIRST_YEAR = 2020;
const YEARS = 10;
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** All dates of the years, and a period before and after. Calendar arithmetic of UTC, as luxon has it. */
const dates: DateTime[] = [];
for (
  let date = DateTime.utc(FIRST_YEAR - 1, 9, 1);
  date < DateTime.utc(FIRST_YEAR + YEARS, 5, 1);
  date = date.plus({ days: 1 })
)
  dates.push(date);

/** True for the dates on which a period begins. */
function begins({ window, start, days = 1 }: WindowRule, date: DateTime): boolean {
  switch (window) {
    case 'week':
      return weekdays[date.weekday - 1] === (start?.weekday ?? 'monday');
    case 'month':
      return date.day === Math.min(start?.day ?? 1, date.daysInMonth ?? 0);
    case 'quarter':
      return date.month % 3 === 1 && date.day === Math.min(start?.day ?? 1, date.daysInMonth ?? 0);
    case 'days':
      return date.diff(DateTime.fromISO(start?.date ?? '', { zone: 'utc' }), 'days').days % days === 0;
    default:
      return true;
  }
}

/** When the clocks of a zone show the hour of a date: the first time, or right after it where it is skipped. */
function instantOf({ year, month, day }: DateTime, hour: number, zone: string): number {
  const guess = DateTime.fromObject({ year, month, day, hour }, { zone });
  return Math.min(...guess.getPossibleOffsets().map((one) => one.toMillis()));
}

describe.each(zones)('in %s', (zone) => {
  const offsets = dates.map(({ year, month, day }) => DateTime.fromObject({ year, month, day }, { zone }).offset);
  /** The dates at which the clocks change within three days. */
  const nearChange = new Set<number>();
  for (const [place, offset] of offsets.entries())
    if (place > 0 && offset !== offsets[place - 1]) for (let near = -3; near <= 3; near++) nearChange.add(place + near);

  test.each(rules)('the periods of %j are those of an independent calendar, over ten years', (rule) => {
    const first = dates.map((_, place) => place).filter((place) => begins(rule, dates[place] as DateTime));
    const hour = rule.start?.hour ?? 0;
    const at = (place: number | undefined) => instantOf(dates[place ?? 0] as DateTime, hour, zone);
    let checked = 0;
    for (let n = 1; n + 1 < first.length; n++) {
      const place = first[n] ?? 0;
      // Of the many days that are like others every eleventh is enough.
      if (first.length > 1_000 && n % 11 > 0 && !nearChange.has(place)) continue;
      const fromMs = at(place);
      const toMs = at(first[n + 1]);
      const texts = new Set<string>();
      for (const atMs of [fromMs, fromMs + 1, Math.floor((fromMs + toMs) / 2), toMs - 1]) {
        const period = windowAt({ ...rule, zone }, atMs);
        expect([period.fromMs, period.toMs], new Date(atMs).toISOString()).toEqual([fromMs, toMs]);
        texts.add(period.text);
      }
      expect([...texts].map(readPeriod)).toEqual([{ text: [...texts][0], fromMs, toMs }]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(30);
  });
});

describe('a period says its span', () => {
  const cases: [WindowRule, string, string, string, string][] = [
    [{ window: 'minute' }, '18:45:59.999Z', '2026-11-23T1845.1m', '2026-11-23T18:45Z', '2026-11-23T18:46Z'],
    [{ window: 'hour' }, '18:45:00Z', '2026-11-23T18.1h', '2026-11-23T18:00Z', '2026-11-23T19:00Z'],
    [{ window: 'day' }, '23:59:59.999Z', '2026-11-23', '2026-11-23T00:00Z', '2026-11-24T00:00Z'],
    [{ window: 'day', zone: 'Europe/London' }, '12:00:00Z', '2026-11-23', '2026-11-23T00:00Z', '2026-11-24T00:00Z'],
    [
      { window: 'day', zone: 'America/New_York' },
      '04:59:59Z',
      '2026-11-22T05.1d',
      '2026-11-22T05:00Z',
      '2026-11-23T05:00Z',
    ],
    [{ window: 'week' }, '12:00:00Z', '2026-11-23.7d', '2026-11-23T00:00Z', '2026-11-30T00:00Z'],
    [{ window: 'month' }, '12:00:00Z', '2026-11', '2026-11-01T00:00Z', '2026-12-01T00:00Z'],
    [
      { window: 'month', zone: 'Asia/Kolkata' },
      '12:00:00Z',
      '2026-10-31T1830.30d',
      '2026-10-31T18:30Z',
      '2026-11-30T18:30Z',
    ],
    [{ window: 'quarter' }, '12:00:00Z', '2026-10-01.92d', '2026-10-01T00:00Z', '2027-01-01T00:00Z'],
    [
      { window: 'quarter', zone: 'America/New_York' },
      '12:00:00Z',
      '2026-10-01T04.2209h',
      '2026-10-01T04:00Z',
      '2027-01-01T05:00Z',
    ],
    [
      { window: 'days', days: 14, start: { date: '2026-12-07' } },
      '12:00:00Z',
      '2026-11-23.14d',
      '2026-11-23T00:00Z',
      '2026-12-07T00:00Z',
    ],
  ];
  test.each(cases)('%j at %s: %s', (rule, time, text, from, to) => {
    const period = windowAt(rule, Date.parse(`2026-11-23T${time}`));
    expect(period).toEqual({ text, fromMs: Date.parse(from), toMs: Date.parse(to) });
    expect(readPeriod(text)).toEqual(period);
  });

  test.each(['2026-13', '2026-11-23T05', '2026-11-23T25.1h', '2026-11.30d', '2026-11-23.7w', ''])(
    '%j says no span',
    (text) => {
      expect(readPeriod(text)).toBeUndefined();
    },
  );

  test('a leap day, and the last day of a short month', () => {
    const at = (rule: WindowRule, instant: string) => windowAt(rule, Date.parse(instant)).text;
    expect(at({ window: 'day' }, '2028-02-29T12:00Z')).toBe('2028-02-29');
    expect(at({ window: 'month', start: { day: 31 } }, '2028-02-29T12:00Z')).toBe('2028-02-29.31d');
    expect(at({ window: 'month', start: { day: 31 } }, '2028-02-28T12:00Z')).toBe('2028-01-31.29d');
  });
});
