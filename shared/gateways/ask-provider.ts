import { TrailmeterError } from '../errors/trailmeter-error.ts';

/** The provider refused our key, or could not be reached: nothing that the caller could do about it. */
const upstreamError = (message: string, status: 502 | 504, cause?: unknown): TrailmeterError =>
  new TrailmeterError('upstream_failed', message, { status, cause });

/**
 * A `fetch` for all requests of one call, which share a deadline in ms.
 * @param send sends them; default: the global one
 * @throws TrailmeterError 502 `upstream_failed` where the provider cannot be reached, 504 where it does not answer in time
 */
export function askWithin(deadlineMs: number, send: typeof fetch = fetch): typeof fetch {
  const signal = AbortSignal.timeout(deadlineMs);
  return async (input, init) => {
    try {
      return await send(input, { ...init, signal });
    } catch (cause) {
      if (cause instanceof TrailmeterError) throw cause;
      if (signal.aborted) throw upstreamError('The provider did not answer in time.', 504, cause);
      throw upstreamError('The provider could not be reached.', 502, cause);
    }
  };
}

/** The answer, unless it refuses our own key: that must not pass for a refusal of the caller's. @throws TrailmeterError 502 */
export function checkedAnswer(answer: Response): Response {
  if (answer.status === 401 || answer.status === 403) throw upstreamError('The provider refused our key.', 502);
  return answer;
}
