import { objectRule, textRule } from './rules.ts';

/** A cache breakpoint. How long it is kept sets the price of its tokens. */
export const cacheControl = objectRule({ type: textRule, ttl: textRule }, ({ ttl }, found, name) => {
  if (ttl === '1h') found.oneHourCache = true;
  else if ((ttl ?? '5m') !== '5m') found.unknown ??= `${name}.ttl of another kind`;
});
