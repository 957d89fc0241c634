const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A time of the viewer's zone, to the minute, or to the second where that matters. */
export const localTime = (
  ms: number,
  options: { seconds?: boolean; locale?: string; timeZone?: string } = {},
): string =>
  new Intl.DateTimeFormat(options.locale, {
    dateStyle: 'medium',
    timeStyle: options.seconds ? 'medium' : 'short',
    timeZone: options.timeZone,
  }).format(ms);

/** `2026-11-28 16:12:03 UTC` */
export const utcTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** How far a time is from now: "3 minutes ago", "in 5 hours". */
export function distance(ms: number, nowMs: number, locale?: string): string {
  const away = ms - nowMs;
  const size = Math.abs(away);
  const [unit, unitMs] = (
    [
      ['day', DAY_MS],
      ['hour', HOUR_MS],
      ['minute', MINUTE_MS],
    ] as const
  ).find(([, each]) => size >= each) ?? ['second', 1_000];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(away / unitMs), unit);
}

/** A time as an input of type `datetime-local` takes it: the viewer's zone, without one. */
export function localInput(iso: string | undefined): string {
  if (iso === undefined) return '';
  const date = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The instant that such an input stands for, ISO 8601 in UTC; undefined for an empty one. */
export const instantOf = (input: string): string | undefined =>
  input === '' ? undefined : new Date(input).toISOString();
