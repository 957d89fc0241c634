import { requestScope } from '../telemetry/request-scope.ts';
import type { RatedCaller, RateLimits } from './rate-limits.ts';

/**
 * Counts a request of a paid route, and puts the rate's headers on its answer.
 * @throws RequestError 429 with `Retry-After` when the caller makes too many.
 */
export function admitRate(rateLimits: Pick<RateLimits, 'take'>, caller: RatedCaller): void {
  const { headers, refusal } = rateLimits.take(caller);
  Object.assign(requestScope()?.headers ?? {}, headers);
  if (refusal) throw refusal;
}
