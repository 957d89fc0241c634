import { odata } from '@azure/data-tables';
import type { Stored, Table } from '../../tables/table.ts';
import { periodOf } from '../policies/limit-id.ts';
import type { Policy } from '../policies/policy.ts';
import { type LimitRow, STATE, type StateRow } from './limit-rows.ts';

/** The limits of a policy that were used in the period of `atMs`, in order of their ids; only those past a threshold, if so wanted. */
export async function* currentStates(
  limits: Table<LimitRow>,
  { name, window }: Policy,
  atMs: number,
  onlyCrossed = false,
): AsyncIterable<Stored<StateRow>> {
  const first = `${name}:${periodOf(window, atMs)}`;
  // A semicolon follows the colon that stands before a scope's key.
  const states = odata`RowKey eq ${STATE} and PartitionKey ge ${first} and PartitionKey lt ${`${first};`}`;
  for await (const row of limits.query({ where: onlyCrossed ? `level gt 0 and ${states}` : states })) {
    if (row.partitionKey === first || row.partitionKey.startsWith(`${first}:`)) yield row as Stored<StateRow>;
  }
}
