import { headersOf, readCredential } from './credential.ts';
import { failureFrom, unreachable } from './failure.ts';
import type { AnswerOf, RequestTo, RouteName } from './routes.ts';

interface Parts {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  /** Headers of the route, such as `if-match`. */
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/**
 * Sends a request to a route of the app and gives what the envelope of its answer holds.
 * @throws RequestFailure; the signal's reason when it was aborted
 */
export async function request<N extends RouteName>(
  route: N,
  parts: RequestTo<N> & Pick<Parts, 'headers' | 'signal'>,
): Promise<AnswerOf<N>> {
  const { method, url, body, headers, signal } = toFetch(route, parts as Parts);
  const response = await fetch(url, { method, body, headers, signal: signal ?? null }).catch((error: unknown) => {
    throw signal?.aborted ? error : unreachable();
  });
  // What is not JSON comes from something else than the app: its status is shown.
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok || answer === undefined)
    throw failureFrom(response.status, answer, response.headers.get('retry-after'));
  return (answer as { data: AnswerOf<N> }).data;
}

/** The address of a route, with its parameters and query. */
export function addressOf(route: RouteName, { params = {}, query = {} }: Parts): string {
  const path = route
    .slice(route.indexOf(' ') + 1)
    .replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''));
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}

/** `x-requested-with` is what a form of another site can't send. */
export const ownHeaders = (): Record<string, string> => ({
  'x-requested-with': 'console',
  ...headersOf(readCredential()),
});

function toFetch(route: RouteName, parts: Parts) {
  const { body, signal } = parts;
  const isForm = body instanceof FormData;
  return {
    method: route.slice(0, route.indexOf(' ')),
    url: addressOf(route, parts),
    body: body === undefined ? null : isForm ? body : JSON.stringify(body),
    headers: {
      ...parts.headers,
      ...ownHeaders(),
      ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
    },
    signal,
  };
}
