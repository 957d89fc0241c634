/**
 * When a server asked to be called again, in ms from `nowMs`: `retry-after-ms`, else `retry-after` in seconds or as an
 * HTTP date. Undefined when it didn't say, or said something that can't be read or lies in the past.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const milliseconds = positive(headers.get('retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const text = headers.get('retry-after');
  const seconds = positive(text);
  if (seconds !== undefined) return seconds * 1000;
  const untilDate = Date.parse(text ?? '') - nowMs;
  return untilDate > 0 ? untilDate : undefined;
}

function positive(text: string | null): number | undefined {
  const value = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
