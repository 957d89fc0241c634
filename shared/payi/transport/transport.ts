import type { z } from 'zod';
import type { Clock } from '../../util/clock.ts';
import { idProblem } from '../../util/id-text.ts';
import { PayiError, type PayiErrorKind } from './error.ts';
import { readErrorBody } from './error-body.ts';
import { retryAfterMs } from './retry-after.ts';

export interface PayiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v1`, its parts already encoded (see `path`). */
  path: string;
  query?: Record<string, string | undefined>;
  headers?: Record<string, string>;
  body?: unknown;
}

export interface PayiAnswer {
  status: number;
  /** The decoded JSON; undefined when the body was empty; the text when it was not JSON. */
  body: unknown;
}

/** How requests and answers are spelled. All above it knows the live names only, with attribution as in an item of a bulk. */
export interface Spelling {
  authorization(apiKey: string): Record<string, string>;
  request(request: PayiRequest): PayiRequest;
  /** The decoded body of an answer that succeeded. */
  answer(request: PayiRequest, body: unknown): unknown;
}

/** Sends one request once. Retrying is the business of the caller, who knows whether it is safe. */
export interface Transport {
  /** @throws PayiError unless Pay-i answered 2xx, or an answer that `accept` takes. */
  send(request: PayiRequest, accept?: (answer: PayiAnswer) => boolean): Promise<PayiAnswer>;
  /** Sends and decodes the answer. @throws PayiError, of kind `uncertain` when a write's answer can't be read. */
  call<T extends z.ZodType>(request: PayiRequest, shape: T): Promise<z.output<T>>;
}

export interface TransportOptions {
  /** E.g. `https://api.pay-i.com`. */
  baseUrl: string;
  apiKey: string;
  spelling: Spelling;
  /** For the whole of one request, its answer's body included. */
  timeoutMs: number;
  fetch: typeof globalThis.fetch;
  clock: Clock;
}

/**
 * A path of fixed parts and encoded values: path`/limits/${id}`.
 * @throws PayiError of kind `rejected` for a value that would name another path, such as `..`
 */
export const path = (parts: TemplateStringsArray, ...values: string[]): string =>
  String.raw({ raw: parts }, ...values.map((value) => encodeURIComponent(asSegment(value, parts[0] ?? ''))));

function asSegment(value: string, start: string): string {
  const problem = idProblem(value);
  if (problem === undefined) return value;
  throw new PayiError({
    kind: 'rejected',
    request: start,
    reason: `a part of the path ${problem}`,
    payiCode: 'invalid_id',
  });
}

export function createTransport(options: TransportOptions): Transport {
  const base = `${options.baseUrl.replace(/\/+$/, '')}/api/v1`;

  async function send(request: PayiRequest, accept = (_: PayiAnswer) => false): Promise<PayiAnswer> {
    const response = await exchange(request);
    const answer = { status: response.status, body: decode(response.text) };
    if (response.status >= 200 && response.status < 300)
      return { ...answer, body: options.spelling.answer(request, answer.body) };
    if (accept(answer)) return answer;
    const { code, reason } = readErrorBody(answer);
    throw new PayiError({
      kind: kindOfStatus(response, request),
      request: name(request),
      reason,
      payiStatus: response.status,
      payiCode: code,
      retryAfterMs: retryAfterMs(response.headers, options.clock.now()),
    });
  }

  async function exchange(request: PayiRequest) {
    try {
      const { method, headers, body, ...target } = options.spelling.request(request);
      const response = await options.fetch(url(base, target), {
        method,
        headers: {
          ...headers,
          accept: 'application/json',
          ...options.spelling.authorization(options.apiKey),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'manual', // following one would hand the key to another host
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (cause) {
      throw new PayiError({ ...lost(cause, request, options.timeoutMs), request: name(request), cause });
    }
  }

  return {
    send,
    async call(request, shape) {
      const answer = await send(request);
      return readAs(shape, answer, request);
    },
  };
}

/** Decodes an answer. @throws PayiError, of kind `uncertain` when a write's answer can't be read. */
export function readAs<T extends z.ZodType>(shape: T, answer: PayiAnswer, request: PayiRequest): z.output<T> {
  const read = shape.safeParse(answer.body);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const where = issue?.path.length ? ` at ${issue.path.join('.')}` : '';
  throw new PayiError({
    kind: unlessRead(request, 'uncertain'),
    request: name(request),
    reason: `the answer can't be read${where}`,
    payiStatus: answer.status,
    cause: read.error,
  });
}

const name = (request: PayiRequest): string => `${request.method} ${request.path}`;

/** A read changes nothing, so it is never in doubt. */
const unlessRead = (request: PayiRequest, kind: PayiErrorKind): PayiErrorKind =>
  request.method === 'GET' ? 'unavailable' : kind;

function url(base: string, request: Pick<PayiRequest, 'path' | 'query'>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(request.query ?? {})) if (value !== undefined) query.set(key, value);
  return `${base}${request.path}${query.size > 0 ? `?${query}` : ''}`;
}

function decode(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text; // not JSON: the reader of the body says what is wrong with it
  }
}

const notCarriedOut = new Set([408, 409, 425, 429, 503]);

/**
 * `x-should-retry: true` wins over the status, as for Pay-i's own SDK. `false` does not: it speaks of repeating the call at
 * once, while an event is tried again much later.
 */
function kindOfStatus({ status, headers }: { status: number; headers: Headers }, request: PayiRequest): PayiErrorKind {
  if (notCarriedOut.has(status)) return 'unavailable';
  if (status < 500 && headers.get('x-should-retry') === 'true') return 'unavailable';
  return status >= 500 ? unlessRead(request, 'uncertain') : 'rejected';
}

/** Failures before anything was sent, by the codes of node:net, node:dns, node:tls and undici. */
const neverSent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

function lost(cause: unknown, request: PayiRequest, timeoutMs: number) {
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return { kind: unlessRead(request, 'uncertain'), reason: `no answer within ${timeoutMs} ms` };
  }
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  const code = String((inner as { code?: unknown } | undefined)?.code ?? '');
  return neverSent.test(code)
    ? { kind: 'unavailable' as const, reason: `no connection: ${code}` }
    : { kind: unlessRead(request, 'uncertain'), reason: `connection lost: ${code || 'unknown cause'}` };
}
