import { STATUS_CODES } from 'node:http';
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { TrailmeterError } from '../errors/trailmeter-error.ts';

/** What a handler gives back: already encoded, so that nothing can fail after it left our hands. */
export interface HttpAnswer {
  status: number;
  /** By their names in lower case. */
  headers: Record<string, string>;
  body?: string | Uint8Array | ReadableStream<Uint8Array>;
}

/** What serves a route. It never throws. */
export type AnswerHandler = (request: HttpRequest, context: InvocationContext) => Promise<HttpAnswer>;

/** Any value as JSON; it may hold no bigint. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  };
}

/** The envelope of a success: `{ "success": true, "data": … }`. */
export const success = (data: unknown, status = 200, headers: Record<string, string> = {}): HttpAnswer =>
  json(status, { success: true, data }, headers);

/** The envelope of a failure. The front-end shows `error`; programs read `code` and `details`. */
export interface FailureBody {
  success: false;
  error: string;
  code: string;
  details?: Record<string, unknown>;
}

export interface Failure {
  status: number;
  body: FailureBody;
  retryAfterSeconds: number | undefined;
}

const UNEXPECTED = 'Something went wrong on our side. Please try again.';

/** Our own errors have texts for callers; any other error becomes `text`. */
export function failureOf(error: unknown, text: string = UNEXPECTED): Failure {
  if (!(error instanceof TrailmeterError))
    return {
      status: 500,
      body: { success: false, error: text, code: 'internal_error' },
      retryAfterSeconds: undefined,
    };
  const hidden = error.code === 'invalid_settings';
  const details = hidden ? {} : error.details;
  return {
    status: error.status >= 400 && error.status <= 599 ? error.status : 500,
    body: {
      success: false,
      error: hidden ? UNEXPECTED : error.message,
      code: error.code,
      ...(Object.keys(details).length > 0 && { details }),
    },
    retryAfterSeconds: error.retryAfterSeconds,
  };
}

export const failure = ({ status, body, retryAfterSeconds }: Failure): HttpAnswer =>
  json(status, body, retryAfterSeconds === undefined ? {} : { 'retry-after': retryAfter(retryAfterSeconds) });

/** An error as Problem Details (RFC 9457) have it, where no API promises another form. `code` and `details` are the envelope's. */
export function problem(failed: Failure): HttpAnswer {
  const { error, code, details } = failed.body;
  const { status, headers } = failure(failed);
  const body = { title: STATUS_CODES[status] ?? 'Error', status, detail: error, code, ...(details && { details }) };
  return json(status, body, { ...headers, 'content-type': 'application/problem+json' });
}

/** `Retry-After` takes whole seconds. */
const retryAfter = (seconds: number): string => String(Math.max(1, Math.ceil(seconds)));
