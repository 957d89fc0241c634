import type { IncomingMessage } from 'node:http';
import type { HostKeys } from '../messages.ts';

/** The key that a request shows: the header wins over the query. */
function shownKey(request: IncomingMessage, query: URLSearchParams): string | undefined {
  const header = request.headers['x-functions-key'];
  return typeof header === 'string' ? header : (query.get('code') ?? undefined);
}

/** Whether a request may enter a function of that level (`anonymous`, `function`, `admin`). Without `keys` it always may. */
export function mayEnter(
  request: IncomingMessage,
  query: URLSearchParams,
  functionName: string,
  authLevel: string | undefined,
  keys: HostKeys | undefined,
): boolean {
  const level = authLevel?.toLowerCase() ?? 'anonymous';
  if (keys === undefined || level === 'anonymous') return true;
  const opening = level === 'admin' ? [] : [...(keys.host ?? []), ...(keys.functions?.[functionName] ?? [])];
  const shown = shownKey(request, query);
  return shown !== undefined && (shown === keys.master || opening.includes(shown));
}

/** Whether a request may enter `/admin`. */
export function mayAdminister(request: IncomingMessage, query: URLSearchParams, keys: HostKeys | undefined): boolean {
  return mayEnter(request, query, '', 'admin', keys);
}
