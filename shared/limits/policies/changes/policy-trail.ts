import type { Change, Table } from '../../../tables/table.ts';
import { uuidV7 } from '../../../util/ids.ts';
import type { Policy } from '../policy.ts';
import { decodePolicy, encodePolicy, POLICIES, type PolicyRow } from './policy-rows.ts';

/** One entry of the audit trail. */
export interface PolicyChange {
  id: string;
  name: string;
  changedBy: string;
  /** ISO 8601, UTC. */
  changedAt: string;
  from: Policy | null;
  to: Policy | null;
}

/** What becomes of one policy. */
export interface PolicyStep {
  name: string;
  before: Policy | undefined;
  after: Policy | undefined;
}

const CHANGE = 'change!';

/** The row that goes with a change, in one transaction. */
export const trailRow = (
  { name, before, after }: PolicyStep,
  changedBy: string,
  changedAtMs: number,
): Change<PolicyRow> => ({
  kind: 'insert',
  row: {
    partitionKey: POLICIES,
    rowKey: `${CHANGE}${uuidV7(changedAtMs)}`,
    name,
    changedBy,
    changedAt: new Date(changedAtMs),
    before: encodePolicy(before),
    policy: encodePolicy(after),
  },
});

/** The latest changes first: of all policies, or of one. */
export async function readTrail(table: Table<PolicyRow>, most: number, name?: string): Promise<PolicyChange[]> {
  const rows: PolicyRow[] = [];
  for await (const row of table.query({ partitionKey: POLICIES, from: CHANGE, before: 'change"' })) {
    if (name !== undefined && row.name !== name) continue;
    rows.push(row);
    // Rows come oldest first.
    if (rows.length > most) rows.shift();
  }
  return rows.reverse().map((row) => ({
    id: row.rowKey.slice(CHANGE.length),
    name: row.name ?? '',
    changedBy: row.changedBy ?? '',
    changedAt: row.changedAt?.toISOString() ?? '',
    from: decodePolicy(row.before ?? '') ?? null,
    to: decodePolicy(row.policy) ?? null,
  }));
}
