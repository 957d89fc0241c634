import type { ServerResponse } from 'node:http';

/** Anthropic's error type of each status. */
const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** An answer that is an error, as the API words it. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly type: string;
  readonly headers: Record<string, string>;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    status: number,
    message: string,
    more: { type?: string; headers?: Record<string, string>; details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.status = status;
    this.type = more.type ?? types[status] ?? 'api_error';
    this.headers = more.headers ?? {};
    this.details = more.details;
  }
}

export const invalid = (message: string): ApiProblem => new ApiProblem(400, message);

/** The body of an error answer, and of an `error` event in a stream. */
export const envelope = (problem: ApiProblem, requestId: string) => ({
  type: 'error',
  error: {
    type: problem.type,
    message: problem.message,
    ...(problem.details ? { details: problem.details } : {}),
  },
  request_id: requestId,
});

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  });
  response.end(text);
}
