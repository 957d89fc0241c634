import { object, text } from './rules.ts';

/** A cache breakpoint. */
export const cacheControl = object({ type: text, ttl: text }, ({ ttl }, found) => {
  if (ttl === '1h') found.oneHourCache = true;
});
