import { objectRule, textRule } from './rules.ts';

/** A cache breakpoint. */
export const cacheControl = objectRule({ type: textRule, ttl: textRule }, ({ ttl }, found) => {
  if (ttl === '1h') found.oneHourCache = true;
});
