import type { Answer } from './http.ts';

/** Pay-i's error body. */
export interface ApiErrorBody {
  statusCode: number;
  message: string;
  xproxy_error: { code: string; message: string };
}

const phrases: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export const apiError = (statusCode: number, code: string, message: string): ApiErrorBody => ({
  statusCode,
  message: phrases[statusCode] ?? 'Error',
  xproxy_error: { code, message },
});

/** Ends a request with an ApiError. */
export class Refusal extends Error {
  readonly body: ApiErrorBody;

  constructor(statusCode: number, code: string, message: string) {
    super(message);
    this.body = apiError(statusCode, code, message);
  }
}

/** Ends a request with ProblemDetails, as "PUT KPI score" does. */
export class Problem extends Error {
  readonly answer: Answer;

  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.answer = {
      status,
      body: { type: 'about:blank', title, status, detail },
      contentType: 'application/problem+json',
    };
  }
}
