/** nano-USD, the unit of all money of ours (1 USD = 1,000,000,000), as a number of USD, for people and for JSON answers; never for arithmetic. */
export const toUsd = (nanoUsd: bigint): number => Number(nanoUsd) / 1e9;

/** A number of USD from a setting, a request or Pay-i as nano-USD, rounded to the nearest. */
export const fromUsd = (usd: number): bigint => BigInt(Math.round(usd * 1e9));
