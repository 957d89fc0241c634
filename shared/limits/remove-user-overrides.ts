import type { Stored, Table } from '../tables/table.ts';
import { POLICIES, type PolicyRow } from './policies/changes/policy-rows.ts';
import { decodeOverride, OVERRIDE, OVERRIDE_END } from './policies/overrides/override-rows.ts';
import { userKey } from './policies/scope-keys.ts';

/** Deletes the overrides of limits for one user. @returns how many @throws TableError */
export async function removeUserOverrides(table: Table<PolicyRow>, userId: string): Promise<number> {
  const key = userKey(userId);
  const found: Stored<PolicyRow>[] = [];
  for await (const row of table.query({ partitionKey: POLICIES, from: OVERRIDE, before: OVERRIDE_END }))
    if (decodeOverride(row).key === key) found.push(row);
  for (const row of found) await table.remove(row);
  return found.length;
}
