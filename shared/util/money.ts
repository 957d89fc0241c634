/** nano-USD, the unit of all our money (1 USD = 1,000,000,000), as a number of USD, for people and for JSON answers; never for arithmetic. */
export const toUsd = (nanoUsd: bigint): number => Number(nanoUsd) / 1e9;

/** nano-USD of 0 or more as USD in plain decimals, for headers: `0.0000007`, where a number would say `7e-7`. */
export const usdText = (nanoUsd: bigint): string =>
  `${nanoUsd / 1_000_000_000n}.${String(nanoUsd % 1_000_000_000n).padStart(9, '0')}`.replace(/\.?0+$/, '');

/** A number of USD from a setting, a request or Pay-i as nano-USD, rounded to the nearest. */
export const fromUsd = (usd: number): bigint => BigInt(Math.round(usd * 1e9));
