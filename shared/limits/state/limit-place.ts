import { shardOf } from '../../tables/shard-of.ts';
import { tableKey } from '../../tables/table.ts';
import { parseLimitId } from '../policies/limit-id.ts';

/** Where the rows of a limit are in the table `limits`. */
export interface LimitPlace {
  partitionKey: string;
  /** Before each of its row keys; '' where the partition is the limit's own. */
  prefix: string;
}

/**
 * Limits of one policy and period with keys of their own (users, accounts, use cases) share so many partitions: enough for
 * what Table Storage takes in one (2,000 rows a second), few enough for writes that come together to share a request.
 */
const GROUPS = 8;

/** A limit without a key has a partition of its own; others share one with those that have the same digest. */
export function placeOf(limitId: string): LimitPlace {
  const { key } = parseLimitId(limitId) ?? {};
  if (key === undefined) return { partitionKey: tableKey(limitId), prefix: '' };
  const group = shardOf(key, GROUPS);
  // A key that we made does not begin with a tilde.
  return {
    partitionKey: `${limitId.slice(0, -key.length)}~${String(group).padStart(2, '0')}`,
    prefix: `${tableKey(key)}!`,
  };
}

/** Where the state of a limit is. */
export function stateKey(limitId: string): { partitionKey: string; rowKey: string } {
  const { partitionKey, prefix } = placeOf(limitId);
  return { partitionKey, rowKey: `${prefix}state` };
}
