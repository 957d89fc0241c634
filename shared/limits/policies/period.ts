import { DAY_MS } from '../../util/days.ts';

/** A span of time in which a limit counts. */
export interface Period {
  /**
   * Says the span, so that a limit id can be read without its policy: `always`, a day (`2026-11-23`) or month (`2026-11`) of UTC, or the
   * first minute in UTC and the length, such as `2026-11-23.7d`, `2026-11-23T05.24h` and `2026-11-23T1845.1440m`. Policies whose periods
   * begin and end alike have the same text.
   */
  text: string;
  /** ms, UTC; the end is not part of it. Infinite for `always`. */
  fromMs: number;
  toMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const lengths = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** The text of a period, without anchors. */
export const periodPattern = String.raw`always|\d{4}-\d\d(?:-\d\d(?:(?:T\d\d(?:\d\d)?)?\.\d+[mhd])?)?`;
const wholePeriod = new RegExp(`^(?:${periodPattern})$`);

export const always: Period = { text: 'always', fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

export function periodBetween(fromMs: number, toMs: number): Period {
  return { text: textOf(fromMs, toMs), fromMs, toMs };
}

function textOf(fromMs: number, toMs: number): string {
  const start = new Date(fromMs).toISOString();
  const length = toMs - fromMs;
  const isMidnight = fromMs % DAY_MS === 0;
  if (isMidnight && length === DAY_MS) return start.slice(0, 10);
  if (isMidnight && start.slice(8, 10) === '01' && toMs === monthEnd(start)) return start.slice(0, 7);
  const minute = start.slice(14, 16);
  const first = isMidnight ? start.slice(0, 10) : start.slice(0, 13) + (minute === '00' ? '' : minute);
  const unit = length % DAY_MS === 0 ? 'd' : length % HOUR_MS === 0 ? 'h' : 'm';
  return `${first}.${length / lengths[unit]}${unit}`;
}

/** The period that a text says; undefined for any other text. */
export function readPeriod(text: string): Period | undefined {
  if (!wholePeriod.test(text)) return undefined;
  if (text === always.text) return always;
  const [start = '', length] = text.split('.');
  const [date = '', time = ''] = start.split('T');
  if (date.length === 7) {
    const fromMs = Date.parse(`${date}-01T00:00Z`);
    return Number.isNaN(fromMs) ? undefined : { text, fromMs, toMs: monthEnd(date) };
  }
  const fromMs = Date.parse(`${date}T${time.slice(0, 2) || '00'}:${time.slice(2) || '00'}Z`);
  if (Number.isNaN(fromMs)) return undefined;
  return { text, fromMs, toMs: fromMs + (length === undefined ? DAY_MS : lengthMs(length)) };
}

const lengthMs = (length: string): number =>
  Number(length.slice(0, -1)) * lengths[length.slice(-1) as keyof typeof lengths];

/** The end of the month of a date that begins with `YYYY-MM` (ms, UTC). */
const monthEnd = (date: string): number => Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 1);
