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
      throw asUpstreamError(cause, 'The provider could not be reached.');
    }
  };
}

function asUpstreamError(cause: unknown, message: string): TrailmeterError {
  if (cause instanceof TrailmeterError) return cause;
  if (cause instanceof DeadlineError) return upstreamError('The provider did not answer in time.', 504, cause);
  return upstreamError(message, 502, cause);
}

/** All of an answer. @throws TrailmeterError 502 where it breaks off or is too large, 504 where it does not end in time */
export async function wholeAnswer(answer: Response): Promise<ArrayBuffer> {
  try {
    return await answer.arrayBuffer();
  } catch (cause) {
    throw asUpstreamError(cause, "The provider's answer broke off, or is too large.");
  }
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
