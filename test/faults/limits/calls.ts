import { fromUsd } from '../../../shared/util/money.ts';
import type { Call } from './gate-pool.ts';

/** Most calls take the model a moment, some long enough to stand in the journal of calls in flight. */
const takesMs = (random: () => number): number => (random() < 1 / 80 ? 800 : 2 + 8 * random());

/** A call whose request bounds its cost: 0.005 to 0.02 USD, of which it costs half or more. */
export function boundedCall(random: () => number): Call {
  const bound = fromUsd(0.005 + 0.015 * random());
  return { bound, actual: (bound * BigInt(50 + Math.floor(51 * random()))) / 100n, takesMs: takesMs(random) };
}

/** The same, with a form in which it costs a third. */
export function cheaperCall(random: () => number): Call {
  const call = boundedCall(random);
  return { ...call, forms: [call.bound / 3n] };
}

/** A call of another unit than USD: 100 to 500 tokens, of which it takes half or more; a request. */
export const callsOf = {
  tokens: (random: () => number): Call => {
    const bound = 100 + Math.floor(401 * random());
    const actual = Math.ceil(bound * (0.5 + 0.5 * random()));
    return { bound: BigInt(bound), actual: BigInt(actual), takesMs: takesMs(random) };
  },
  requests: (random: () => number): Call => ({ bound: 1n, actual: 1n, takesMs: takesMs(random) }),
};

/**
 * A web search: the request bounds nothing (12 USD is the context window at each turn), so the bound is learned. The
 * costs have a long tail (Pareto, exponent 1.5, from 0.01 USD: median 0.016, 99 % below 0.22, 1 in 1,000 beyond 1 USD).
 */
export function searchCall(random: () => number): Call {
  const actual = fromUsd(Math.min(12, 0.01 * (1 - random()) ** (-1 / 1.5)));
  return { bound: fromUsd(12), learnedKey: 'trail_finder', actual, takesMs: takesMs(random) };
}
