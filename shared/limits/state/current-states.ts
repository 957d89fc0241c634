import { odata } from '@azure/data-tables';
import type { RowKey, Stored, Table } from '../../tables/table.ts';
import { limitGroup } from '../policies/limit-id.ts';
import type { Policy } from '../policies/policy.ts';
import { windowAt } from '../policies/window.ts';
import type { LimitRow, StateRow } from './limit-rows.ts';

/**
 * The limits of a policy that were used in the period of `atMs`, in the order of their places in the table; only those past a threshold or a share
 * of their alerts, if so wanted. `after`: a place to go on from.
 */
export async function* currentStates(
  limits: Table<LimitRow>,
  policy: Policy,
  atMs: number,
  onlyCrossed = false,
  after?: RowKey,
): AsyncIterable<Stored<StateRow>> {
  const first = limitGroup(policy, windowAt(policy, atMs));
  // A semicolon follows the colon that stands before a group's number. Only states have a level.
  const crossed = onlyCrossed ? '(level ge 1 or share ge 1)' : 'level ge 0';
  const where = `${crossed} and ${odata`PartitionKey ge ${after?.partitionKey ?? first} and PartitionKey lt ${`${first};`}`}`;
  for await (const row of limits.query({ where })) {
    if (after && row.partitionKey === after.partitionKey && row.rowKey <= after.rowKey) continue;
    const state = row as Stored<StateRow>;
    if (row.partitionKey === first) yield { ...state, limitId: first };
    else if (row.partitionKey.startsWith(`${first}:`)) yield state;
  }
}
