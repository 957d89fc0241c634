import type { RateLimits } from '../../shared/rate-limits/rate-limits.ts';

/** Any number of requests a minute. */
export const noRates: RateLimits = { take: () => ({ headers: {} }), prune: async () => 0 };
