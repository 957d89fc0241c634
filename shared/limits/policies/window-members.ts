import { z } from 'zod';

export const windows = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'days', 'none'] as const;
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** Where in its day, week or month a window begins, by the clock and calendar of its zone. */
export const startSchema = z.strictObject({
  /** Hour of the day. */
  hour: z.number().int().min(0).max(23).optional(),
  /** Only for `week`. */
  weekday: z.enum(weekdays).optional(),
  /** Of the month, or of a quarter's first month; the last one where the month is shorter. */
  day: z.number().int().min(1).max(31).optional(),
  /** Only for `days`: one of their first days. */
  date: z.iso.date().optional(),
});

/** A time zone by its IANA name. */
export const zoneSchema = z.string().refine(isZone, 'must be an IANA time zone, such as Europe/Berlin or UTC');

function isZone(name: string): boolean {
  // An offset such as +02:00 is a zone too for some versions of Node, and knows no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
