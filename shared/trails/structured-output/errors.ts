import { TrailmeterError } from '../../errors/trailmeter-error.ts';

/** A model call or its answer was of no use. The text is for people; `code` says what it was. */
export class AnswerError extends TrailmeterError {}

/** 422: the model declined. Asking again for the same would be declined again. */
export const refused = (): AnswerError =>
  new AnswerError('model_refused', 'The AI model declined this request. Please change it and try again.', {
    status: 422,
  });

/** 502: the answer was not what was asked for, and a second attempt did not help. */
export const unreadable = (text: string, reason: string): AnswerError =>
  new AnswerError('answer_unreadable', text, { status: 502, details: { reason } });

/** 504: the time for the request's model work is over. */
const deadlinePassed = (): AnswerError =>
  new AnswerError('model_deadline', 'The AI model took too long. Please try again.', { status: 504 });

/** What the abort of a request's signal means: its time was over, or its client went away (nobody reads that). */
export const interrupted = (signal: AbortSignal): AnswerError =>
  signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
    ? deadlinePassed()
    : new AnswerError('client_gone', 'The client went away.', { status: 499 });

/** Spend limits of the provider look like rate limits but do not pass by waiting a minute. */
const spendLimits = /spend_limit_reached$/;

/**
 * What a failed call means to our caller. Texts and statuses of the provider stay inside: its 401 must not become ours.
 * An error of our own (a limit, for one) comes out as it is, also from inside the SDK's wrapping.
 */
export function callError(error: unknown): unknown {
  const own = ownError(error);
  if (own) return own;
  if (!isOfClass(error, 'AnthropicError') && !isOfClass(error, 'OpenAIError')) return error;
  if (isOfClass(error, 'APIConnectionTimeoutError')) return deadlinePassed();
  const { status, errorCode } = error as { status?: number; errorCode?: unknown };
  if (status === 429 && !(typeof errorCode === 'string' && spendLimits.test(errorCode)))
    return new AnswerError('rate_limited', 'Rate limit exceeded. Please try again later.', {
      status: 429,
      retryAfterSeconds: retryAfter(error, 60),
      cause: error,
    });
  if (status === 401 || status === 403)
    return new AnswerError('model_key_refused', 'API key configuration error. Please contact support.', {
      status: 502,
      cause: error,
    });
  if (status === 429 || status === 402)
    return new AnswerError('model_account_limit', 'The AI service is not available. Please contact support.', {
      status: 503,
      cause: error,
    });
  if (status === 404)
    return new AnswerError('model_unavailable', 'The AI model is not available. Please choose another one.', {
      status: 502,
      cause: error,
    });
  if (status === 529 || status === 503)
    return new AnswerError('model_overloaded', 'The AI service is busy. Please try again later.', {
      status: 503,
      retryAfterSeconds: retryAfter(error, 30),
      cause: error,
    });
  if (status !== undefined && status >= 400 && status < 500)
    return new AnswerError('model_request_refused', 'The AI service did not accept the request.', {
      status: 502,
      cause: error,
    });
  return new AnswerError('model_failed', 'The AI service failed. Please try again.', { status: 502, cause: error });
}

/** By the class's name: the SDKs are files of their own in the package, which are loaded when they are needed. */
function isOfClass(error: unknown, name: string): boolean {
  for (let at: unknown = error; at instanceof Error; at = Object.getPrototypeOf(at))
    // A bundle puts a number behind a name that it has twice.
    if (at.constructor.name.replace(/\d+$/, '') === name) return true;
  return false;
}

function ownError(error: unknown): TrailmeterError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if (at instanceof TrailmeterError) return at;
  return undefined;
}

/** Seconds of the provider's `retry-after`, at most ten minutes. */
function retryAfter(error: unknown, otherwise: number): number {
  const { headers } = error as { headers?: Headers };
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 600) : otherwise;
}
