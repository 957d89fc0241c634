import { LEASE_MS } from '../limits/owners/lease.ts';
import { type LeaseRow, OWNERS, type OwnerRow, readOwner } from '../limits/owners/owner-rows.ts';
import { placeOf } from '../limits/state/limit-place.ts';
import type { AllocationRow, LimitRow } from '../limits/state/limit-rows.ts';
import type { Table } from '../tables/table.ts';

/** Processes that may have died with costs which only the ledger has, until others settle what they held (L2). */
export interface SilentOwners {
  ids: ReadonlySet<string>;
  /** Calls that they had in flight: their events are still to come. */
  calls: number;
}

/** The owners whose leases were not renewed since then (ms, UTC). A process renews its own every 20 s. */
export async function readSilentOwners(holders: Table<OwnerRow>, sinceMs: number): Promise<SilentOwners> {
  const ids = new Set<string>();
  let calls = 0;
  for await (const row of holders.query({ partitionKey: OWNERS })) {
    const { rowKey, dead, expiresAtMs } = row as LeaseRow;
    if (!dead && expiresAtMs - LEASE_MS > sinceMs) continue;
    ids.add(rowKey);
    calls += (await readOwner(holders, rowKey)).calls.length;
  }
  return { ids, calls };
}

/** What they hold of a limit, in its unit. */
export async function heldBySilent(limits: Table<LimitRow>, limitId: string, { ids }: SilentOwners): Promise<bigint> {
  if (ids.size === 0) return 0n;
  const { partitionKey, prefix } = placeOf(limitId);
  let held = 0n;
  for await (const row of limits.query({ partitionKey, from: `${prefix}slice!`, before: `${prefix}slice"` })) {
    const { sliceOf, ownerId, amountNano } = row as AllocationRow;
    if (sliceOf === limitId && ids.has(ownerId)) held += amountNano;
  }
  return held;
}
