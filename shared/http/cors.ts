/** Headers that a page of an allowed origin may send. Those of SDKs have many names, which change with their versions. */
const requestHeaders = [
  ...[
    'accept',
    'authorization',
    'content-type',
    'user-agent',
    'idempotency-key',
    'if-match',
    'traceparent',
    'tracestate',
  ],
  ...[
    'x-functions-key',
    'x-api-key',
    'x-request-id',
    'x-requested-with',
    'x-user-id',
    'x-account-name',
    'x-request-properties',
  ],
  ...['x-use-case-name', 'x-use-case-id', 'x-use-case-version', 'x-use-case-step', 'x-use-case-properties'],
];
const requestHeaderFamilies = /^(x-stainless|anthropic)-[a-z0-9-]{1,60}$/;

/** Headers of answers that a script may read. */
const answerHeaders = [
  ...['Retry-After', 'ETag', 'x-request-id', 'x-limit-state', 'x-limit-fallback', 'x-use-case-id', 'x-request-cost'],
  ...['request-id', 'Idempotency-Replayed', 'RateLimit', 'RateLimit-Policy', 'retry-after-ms', 'x-should-retry'],
];

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
    'access-control-expose-headers': answerHeaders.join(', '),
  };
}

/**
 * What a preflight gets in addition to {@link corsHeaders}. With credentials a browser takes no `*`, so the headers that it asks for
 * (`requested`, comma-separated) are named as far as they may be sent.
 */
export function preflightHeaders(methods: readonly string[], requested: string | null): Record<string, string> {
  const asked = (requested ?? '').split(',', 100).map((name) => name.trim().toLowerCase());
  const ofSdk = asked.filter((name) => requestHeaderFamilies.test(name));
  return {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': [...requestHeaders, ...ofSdk].join(', '),
    'access-control-max-age': '600',
  };
}
