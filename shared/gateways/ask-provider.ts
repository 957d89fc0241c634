import { TrailmeterError } from '../errors/trailmeter-error.ts';
import { DeadlineError, type HttpFetch, httpFetch } from '../util/fetch/http-fetch.ts';
import { readerOf } from '../util/fetch/replaced-body.ts';

/** The provider refused our key, or could not be reached: nothing that the caller could do about it. */
const upstreamError = (message: string, status: 502 | 504, cause?: unknown): TrailmeterError =>
  new TrailmeterError('upstream_failed', message, { status, cause });

/**
 * A `fetch` for all requests of one call, which share a deadline in ms.
 * @param send sends them
 * @throws TrailmeterError 502 `upstream_failed` where the provider cannot be reached, 504 where it does not answer in time
 */
export function askWithin(withinMs: number, send: HttpFetch = httpFetch): HttpFetch {
  const deadlineMs = performance.now() + withinMs;
  return async (input, init) => {
    try {
      return await send(input, { ...init, deadlineMs });
    } catch (cause) {
      if (cause instanceof TrailmeterError) throw cause;
      if (cause instanceof DeadlineError) throw upstreamError('The provider did not answer in time.', 504, cause);
      throw upstreamError('The provider could not be reached.', 502, cause);
    }
  };
}

/** The answer, unless it refuses our own key: that must not pass for a refusal of the caller's. @throws TrailmeterError 502 */
export function checkedAnswer(answer: Response): Response {
  if (answer.status !== 401 && answer.status !== 403) return answer;
  // Unread, it would hold its connection. One that broke meanwhile holds none.
  readerOf(answer)
    ?.cancel()
    .catch(() => undefined);
  throw upstreamError('The provider refused our key.', 502);
}
