import type { LedgerRow } from '../ledger/ledger-row.ts';
import { AppliedLimits } from '../limits/policies/applied-limits.ts';
import { limitEndMs } from '../limits/policies/limit-id.ts';
import { noOverrides, type Overrides } from '../limits/policies/overrides/override.ts';
import { existsAtPayi, type Policy } from '../limits/policies/policy.ts';

/** What the ledger's calls come to for one limit, by our own prices. nano-USD. */
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

/** Adds up what calls cost, for each limit that they count against by the policies as they are now. */
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
    const cost = row.estimatedCost ?? 0n;
    for (const { limitId, policy } of applied.of(callOf(row))) {
      const endMs = limitEndMs(limitId);
      if (endMs !== null && endMs <= nowMs) continue;
      const sums = limits.get(limitId) ?? { policy, settledNano: 0n, reportedNano: 0n, abandonedNano: 0n };
      sums.settledNano += cost;
      if (row.state === 'ingested' && existsAtPayi(policy)) sums.reportedNano += cost;
      if (row.outcome === 'abandoned') sums.abandonedNano += cost;
      limits.set(limitId, sums);
    }
  }
  return { limits, unpriced };
}

const callOf = ({ useCaseName, userId, accountName, keyName, occurredAt }: LedgerRow) => ({
  useCaseName,
  occurredAtMs: Date.parse(occurredAt),
  ...(userId !== undefined && { userId }),
  ...(accountName !== undefined && { accountName }),
  ...(keyName !== undefined && { keyName }),
});
