import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppFunction } from '../app.ts';
import type { RpcCookie, RpcHttp } from '../core-types.ts';
import type { Invoke } from '../invoke.ts';
import type { RouteValues } from './route-template.ts';

export interface MatchedRequest {
  target: AppFunction;
  request: IncomingMessage;
  /** Absolute, as the client wrote it. */
  url: URL;
  values: RouteValues;
  /** Absent when the request is chunked. */
  body: Buffer | undefined;
}

/** Answers as the host does without HTTP streaming: the whole body at once, 204 for nothing, 500 for a failure. */
export async function answerBuffered(matched: MatchedRequest, response: ServerResponse, invoke: Invoke): Promise<void> {
  const { target, request, url, values, body } = matched;
  const data = {
    http: {
      method: request.method ?? 'GET',
      url: url.href,
      headers: flatHeaders(request),
      params: values,
      query: joinedQuery(url.searchParams),
      ...(body && { body: { bytes: body } }),
    },
  };
  let result: Awaited<ReturnType<Invoke>>;
  try {
    result = await invoke(target, { data, triggerMetadata: {}, ...traceOf(request) });
  } catch {
    // The invoker has logged it; the client gets no more than the host sends.
    response.writeHead(500, { 'content-length': '0' }).end();
    return;
  }
  const answer = result.returnValue?.http as RpcHttp | undefined;
  if (answer === undefined) response.writeHead(204).end();
  else send(answer, response);
}

function send(answer: RpcHttp, response: ServerResponse): void {
  response.statusCode = Number(answer.statusCode ?? 200);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  for (const cookie of answer.cookies ?? []) response.appendHeader('set-cookie', serializeCookie(cookie));
  const body = answer.body;
  const bytes = body?.bytes ?? (body?.string === undefined ? undefined : Buffer.from(body.string));
  response.end(bytes === undefined ? undefined : Buffer.from(bytes));
}

/** The names of the worker's enumeration; its `none` is an attribute that was not given. */
const sameSites: Record<string, string> = { lax: 'Lax', strict: 'Strict', explicitNone: 'None' };

function serializeCookie(cookie: RpcCookie): string {
  const sameSite = sameSites[cookie.sameSite ?? 'none'];
  const parts = [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.maxAge && `Max-Age=${cookie.maxAge.value}`,
    cookie.domain && `Domain=${cookie.domain.value}`,
    cookie.path && `Path=${cookie.path.value}`,
    cookie.expires && `Expires=${new Date(cookie.expires.timestamp.seconds * 1000).toUTCString()}`,
    cookie.httpOnly?.value && 'HttpOnly',
    cookie.secure?.value && 'Secure',
    sameSite && `SameSite=${sameSite}`,
  ];
  return parts.filter(Boolean).join('; ');
}

/** Several headers of one name come as one text. */
export function flatHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [
      name,
      (values ?? []).join(name === 'cookie' ? '; ' : ', '),
    ]),
  );
}

/** The real host joins repeated query parameters with a comma. */
function joinedQuery(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));
}

export function traceOf(request: IncomingMessage): { traceParent?: string; traceState?: string } {
  const { traceparent, tracestate } = request.headers;
  return {
    ...(typeof traceparent === 'string' && { traceParent: traceparent }),
    ...(typeof tracestate === 'string' && { traceState: tracestate }),
  };
}
