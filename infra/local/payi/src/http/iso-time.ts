const shape = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;

/** The time of an ISO 8601 text, in ms, UTC; undefined for any other text, and for days that the month does not have. */
export function isoTime(text: string): number | undefined {
  const [, day, , , zone] = shape.exec(text) ?? [];
  const time = Date.parse(zone === undefined ? `${text}Z` : text);
  if (day === undefined || Number.isNaN(time)) return undefined;
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? time : undefined;
}
