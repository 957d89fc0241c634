import { type CallAmounts, noAmounts } from '../../shared/limits/policies/units.ts';

/** One request that costs so much (nano-USD), and uses nothing else. */
export const costing = (nanoUsd: bigint): CallAmounts => ({ ...noAmounts, requests: 1n, nanoUsd });

/** What server tools cost, in nano-USD. */
export const toolsCosting = (nanoUsd: bigint): CallAmounts => ({ ...noAmounts, nanoUsd });
