/** A parsed NCRONTAB expression: the allowed values of each field. All times are UTC. */
export interface Schedule {
  seconds: readonly number[];
  minutes: readonly number[];
  hours: readonly number[];
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  /** 0 is Sunday. Day and weekday must both match, other than in Unix cron. */
  weekdays: ReadonlySet<number>;
}

interface Field {
  name: string;
  min: number;
  max: number;
  names?: string[];
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const second: Field = { name: 'second', min: 0, max: 59 };
const minute: Field = { name: 'minute', min: 0, max: 59 };
const hour: Field = { name: 'hour', min: 0, max: 23 };
const day: Field = { name: 'day', min: 1, max: 31 };
const month: Field = { name: 'month', min: 1, max: 12, names: monthNames };
const weekday: Field = { name: 'weekday', min: 0, max: 6, names: weekdayNames };

/**
 * Reads `{second} {minute} {hour} {day} {month} {weekday}`; with five fields the second is 0. A field is `*`, a value, a
 * range `a-b`, a step `x/n`, or a list of these with commas; months and weekdays also by English name.
 * @throws Error that names the expression and the field
 */
export function parseSchedule(expression: string): Schedule {
  const texts = expression.trim().split(/\s+/);
  if (texts.length === 5) texts.unshift('0');
  const [seconds, minutes, hours, days, months, weekdays, ...more] = texts;
  if (weekdays === undefined || more.length > 0) {
    throw new Error(
      `Schedule "${expression}" needs 6 fields (second minute hour day month weekday), e.g. "0 */5 * * * *".`,
    );
  }
  const values = (text: string | undefined, field: Field) => parseField(text ?? '', field, expression);
  return {
    seconds: values(seconds, second),
    minutes: values(minutes, minute),
    hours: values(hours, hour),
    days: new Set(values(days, day)),
    months: new Set(values(months, month)),
    weekdays: new Set(values(weekdays, weekday)),
  };
}

function parseField(text: string, field: Field, expression: string): number[] {
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const match = /^(?:(\*)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(item);
    const step = Number(match?.[4] ?? 1);
    const from = match?.[1] ? field.min : readValue(match?.[2], field);
    const to = match?.[1] || (match?.[4] && !match[3]) ? field.max : match?.[3] ? readValue(match[3], field) : from;
    if (from === undefined || to === undefined || from > to || step < 1) {
      throw new Error(`Schedule "${expression}": "${item}" is not a valid ${field.name} (${field.min}-${field.max}).`);
    }
    for (let value = from; value <= to; value += step) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

function readValue(text: string | undefined, field: Field): number | undefined {
  if (text === undefined) return undefined;
  const named = field.names?.findIndex((name) => text.toLowerCase().startsWith(name)) ?? -1;
  const value = named >= 0 ? named + field.min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.min && value <= field.max ? value : undefined;
}

/** Every date comes back within 400 years; a day that never comes (30 February) is reported sooner. */
const SEARCHED_DAYS = 8 * 366 * 5;
const DAY_MS = 86_400_000;

/** The first instant after `after` (ms since 1970, UTC) that the schedule names; undefined when there is none. */
export function nextOccurrence(schedule: Schedule, after: number): number | undefined {
  const start = Math.floor(after / 1000) * 1000 + 1000;
  let dayStart = Math.floor(start / DAY_MS) * DAY_MS;
  let secondOfDay = (start - dayStart) / 1000;
  for (let searched = 0; searched < SEARCHED_DAYS; searched += 1) {
    const date = new Date(dayStart);
    const matches =
      schedule.months.has(date.getUTCMonth() + 1) &&
      schedule.days.has(date.getUTCDate()) &&
      schedule.weekdays.has(date.getUTCDay());
    const found = matches ? firstSecond(schedule, secondOfDay) : undefined;
    if (found !== undefined) return dayStart + found * 1000;
    dayStart += DAY_MS;
    secondOfDay = 0;
  }
  return undefined;
}

/** The first second of a day, at or after `from`, that the schedule names. */
function firstSecond({ hours, minutes, seconds }: Schedule, from: number): number | undefined {
  for (const hourOfDay of hours) {
    if (hourOfDay * 3600 + 3599 < from) continue;
    for (const minuteOfHour of minutes) {
      const start = hourOfDay * 3600 + minuteOfHour * 60;
      const found = seconds.find((secondOfMinute) => start + secondOfMinute >= from);
      if (found !== undefined) return start + found;
    }
  }
  return undefined;
}
