import { odata } from '@azure/data-tables';
import type { Table } from '../tables/table.ts';
import { APPROVALS, type ApprovalRow } from './approvals/approval-rows.ts';

/** Deletes what one user asked for at limits. @returns how many approvals @throws TableError */
export async function removeUserApprovals(table: Table<ApprovalRow>, userId: string): Promise<number> {
  let removed = 0;
  for await (const row of table.query({ partitionKey: APPROVALS, where: odata`userId eq ${userId}` }))
    if (await table.remove(row)) removed += 1;
  return removed;
}
