/** Headers that a browser may send. */
const REQUEST_HEADERS = 'Content-Type, Authorization, Accept, x-functions-key, x-user-id, x-account-name';

/**
 * The headers that let a page of an allowed origin read an answer. `allowed` is an exact list; no other origin gets
 * any, and `*` means nothing here since answers are given with credentials.
 */
export function corsHeaders(origin: string | null, allowed: readonly string[]): Record<string, string> {
  if (allowed.length === 0) return {};
  if (origin === null || !allowed.includes(origin)) return { vary: 'Origin' };
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'Retry-After, x-request-id, x-limit-state',
  };
}

/** What a preflight gets beside {@link corsHeaders}. */
export const preflightHeaders = (methods: readonly string[]): Record<string, string> => ({
  'access-control-allow-methods': [...methods].join(', '),
  'access-control-allow-headers': REQUEST_HEADERS,
  'access-control-max-age': '600',
});
