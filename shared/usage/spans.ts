/**
 * Times of the rollups, UTC. A span is an hour (`2026-11-23T10`) or a day (`2026-11-23`); both sort by time, a day before its hours.
 * A call counts for the hour in which it began.
 */
export const HOUR_MS = 3_600_000;

/** The hour of an instant in ms. */
export const hourOf = (ms: number): string => new Date(ms).toISOString().slice(0, 13);

export const dayOfSpan = (span: string): string => span.slice(0, 10);

/** When a span begins, ms. */
export const startOfSpan = (span: string): number => Date.parse(span.length === 10 ? span : `${span}:00Z`);

export const nextHour = (hour: string): string => hourOf(startOfSpan(hour) + HOUR_MS);

/** Every hour from the first to the one before the last. */
export function hoursBetween(from: string, before: string): string[] {
  const hours: string[] = [];
  for (let hour = from; hour < before; hour = nextHour(hour)) hours.push(hour);
  return hours;
}
