import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { type HttpAnswer, json } from '../../http/answer.ts';

/** OpenAI's name for a status; other statuses below 500 are `invalid_request_error`. */
const types: Record<number, string> = { 402: 'insufficient_quota', 429: 'rate_limit_error' };

/** An error in OpenAI's envelope: `code` is ours, and `details` has the facts. Its SDKs throw their class for the status. */
export function openAiFailure(error: unknown, requestId: string): HttpAnswer {
  const headers: Record<string, string> = {};
  if (error instanceof TrailmeterError) {
    if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterSeconds));
    // Neither a budget, nor an answer that was paid for and withheld, nor a missing key gets better by asking again at once.
    const isFinal = error.status === 402 || ['event_not_durable', 'provider_not_configured'].includes(error.code);
    if (isFinal) headers['x-should-retry'] = 'false';
  }
  return json(statusOf(error), { error: errorOf(error, requestId) }, headers);
}

function errorOf(error: unknown, requestId: string) {
  const own = error instanceof TrailmeterError && error.code !== 'invalid_settings' ? error : undefined;
  const status = statusOf(error);
  return {
    message: own?.message ?? 'Something went wrong on our side.',
    type: types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'),
    param: null,
    code: own?.code ?? null,
    ...(own && Object.keys(own.details).length > 0 && { details: own.details }),
    request_id: requestId,
  };
}

/** The same as an event of a stream of chat completions. */
export const chatErrorEvent =
  (requestId: string) =>
  (error: unknown): string =>
    `data: ${JSON.stringify({ error: errorOf(error, requestId) })}\n\n`;

/** The same as an event of a stream of the Responses API. */
export const responseErrorEvent =
  (requestId: string) =>
  (failure: unknown): string => {
    const error = errorOf(failure, requestId);
    const { message, code, param } = error;
    return `event: error\ndata: ${JSON.stringify({ type: 'error', code, message, param, error })}\n\n`;
  };

const statusOf = (error: unknown): number => (error instanceof TrailmeterError ? error.status : 500);
