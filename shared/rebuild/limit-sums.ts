import type { Units } from '../events/usage-event.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { AppliedLimits } from '../limits/policies/applied-limits.ts';
import { limitEndMs } from '../limits/policies/limit-id.ts';
import { noOverrides, type Overrides } from '../limits/policies/overrides/override.ts';
import { existsAtPayi, type Policy } from '../limits/policies/policy.ts';
import type { ScopedCall } from '../limits/policies/scope-keys.ts';
import { amountIn, noAmounts } from '../limits/policies/units.ts';
import { tokensAndSearches } from '../tracking/call-use.ts';
import { limitedModels } from '../tracking/holds/hold-request.ts';

/** What the ledger's calls come to for one limit, in its unit; USD by our own prices, in nano-USD. */
export interface LimitSums {
  policy: Policy;
  settledNano: bigint;
  /** The part of it that Pay-i has taken. */
  reportedNano: bigint;
  /** The part of it that was held by processes that died. */
  abandonedNano: bigint;
}

export interface LedgerSums {
  /** Limits whose period has not ended, by id. */
  limits: Map<string, LimitSums>;
  /** Calls whose model has no price: they count as 0. */
  unpriced: number;
}

/** What the ledger can't say of a policy: pictures, which attempts are one request, and properties that it does not keep. */
export const isInLedger = ({ unit, property }: Policy, properties: readonly string[]): boolean =>
  unit !== 'requests' && unit !== 'images' && (property === undefined || properties.includes(property));

/** Adds up what calls used, for each limit that they count against by the policies as they are now. A call counts for the model that answered. */
export async function sumByLimit(
  rows: AsyncIterable<LedgerRow>,
  policies: readonly Policy[],
  nowMs: number,
  overrides: Overrides = noOverrides,
): Promise<LedgerSums> {
  const applied = new AppliedLimits(
    () => policies,
    () => overrides,
  );
  const limits = new Map<string, LimitSums>();
  let unpriced = 0;
  for await (const row of rows) {
    if (row.kind !== 'usage') continue;
    if (row.estimatedCost === undefined) unpriced += 1;
    const use = useOf(row);
    for (const { limitId, policy } of applied.of(callOf(row))) {
      const endMs = limitEndMs(limitId);
      if (endMs !== null && endMs <= nowMs) continue;
      const amount = amountIn(policy.unit, use);
      const sums = limits.get(limitId) ?? { policy, settledNano: 0n, reportedNano: 0n, abandonedNano: 0n };
      sums.settledNano += amount;
      if (row.state === 'ingested' && existsAtPayi(policy)) sums.reportedNano += amount;
      if (row.outcome === 'abandoned') sums.abandonedNano += amount;
      limits.set(limitId, sums);
    }
  }
  return { limits, unpriced };
}

function useOf({ estimatedCost = 0n, units }: LedgerRow) {
  const { input, output, searches } = tokensAndSearches(units === undefined ? {} : (JSON.parse(units) as Units));
  return {
    ...noAmounts,
    nanoUsd: estimatedCost,
    inputTokens: BigInt(input),
    outputTokens: BigInt(output),
    webSearches: BigInt(searches),
  };
}

const callOf = (row: LedgerRow): ScopedCall => {
  const { useCaseName, useCaseVersion, userId, accountName, keyName, resource, properties, occurredAt } = row;
  return {
    useCaseName,
    occurredAtMs: Date.parse(occurredAt),
    ...(useCaseVersion !== undefined && { version: useCaseVersion }),
    ...(userId !== undefined && { userId }),
    ...(accountName !== undefined && { accountName }),
    ...(keyName !== undefined && { keyName }),
    ...(resource !== undefined && { models: limitedModels([resource]) }),
    ...(properties !== undefined && { properties: JSON.parse(properties) as Record<string, string> }),
  };
};
