/** The headers that tell a client how much it may still send. `now`: ms since 1970, UTC. */
export function rateLimits(now: number): Record<string, string> {
  const reset = new Date(Math.ceil(now / 60_000) * 60_000).toISOString().replace('.000Z', 'Z');
  const kinds = { requests: 4_000, tokens: 2_400_000, 'input-tokens': 2_000_000, 'output-tokens': 400_000 };
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, limit]) => [
      [`anthropic-ratelimit-${kind}-limit`, String(limit)],
      [`anthropic-ratelimit-${kind}-remaining`, String(limit - 1_000)],
      [`anthropic-ratelimit-${kind}-reset`, reset],
    ]),
  );
}
