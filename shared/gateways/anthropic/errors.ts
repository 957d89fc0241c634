import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import { type HttpAnswer, json } from '../../http/answer.ts';

/** Anthropic's name for a status. */
const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
};

/** An error in Anthropic's envelope. Its SDKs throw their class for the status; `details.error_code` is our code. */
export function anthropicFailure(error: unknown, requestId: string): HttpAnswer {
  const status = statusOf(error);
  const headers: Record<string, string> = { 'request-id': requestId };
  if (error instanceof TrailmeterError) {
    if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterSeconds));
    // Neither a budget nor what was paid for and withheld, or may be paid for twice, gets better by asking again at once.
    const isFinal = status === 402 || ['event_not_durable', 'batch_not_confirmed'].includes(error.code);
    if (isFinal) headers['x-should-retry'] = 'false';
  }
  return json(status, errorBody(error, requestId), headers);
}

function errorBody(error: unknown, requestId: string) {
  const own = error instanceof TrailmeterError && error.code !== 'invalid_settings' ? error : undefined;
  return {
    type: 'error',
    error: {
      type: types[statusOf(error)] ?? (statusOf(error) < 500 ? 'invalid_request_error' : 'api_error'),
      message: own?.message ?? 'Something went wrong on our side.',
      ...(own && { details: { error_code: own.code, ...own.details } }),
    },
    request_id: requestId,
  };
}

const statusOf = (error: unknown): number => (error instanceof TrailmeterError ? error.status : 500);

/** The same as an event of a stream. */
export const errorEvent =
  (requestId: string) =>
  (error: unknown): string =>
    `event: error\ndata: ${JSON.stringify(errorBody(error, requestId))}\n\n`;

/** The same as the last line of a list of JSON lines that broke off. */
export const errorLine =
  (requestId: string) =>
  (error: unknown): string =>
    `${JSON.stringify(errorBody(error, requestId))}\n`;
