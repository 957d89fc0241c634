import type { RowKey } from '../../tables/table.ts';

/** The rows of the table `limitholders`: which processes hold budget, on which limits, and for which calls. */
export type OwnerRow = LeaseRow | IndexRow | JournalRow;

/** One per process, in the partition `owners`; the row key is the owner id. */
export interface LeaseRow extends RowKey {
  partitionKey: typeof OWNERS;
  /** ms, UTC. */
  expiresAtMs: number;
  /** Set by whoever ends the lease of a process that died. */
  dead: boolean;
}

/** In the owner's partition, one per limit on which it may have a slice. Written before the slice. */
export interface IndexRow extends RowKey {
  limitId: string;
}

/** In the owner's partition: calls in flight, as JSON (see `HeldCall`). */
export interface JournalRow extends RowKey {
  calls: string;
}

export const OWNERS = 'owners';
export const indexKey = (limitId: string): string => `limit!${limitId}`;
export const journalKey = (page: number): string => `calls!${String(page).padStart(3, '0')}`;

/** What of a call in flight must survive its process (L2). */
export interface HeldCall {
  holdId: string;
  eventId: string;
  category: string;
  resource: string;
  useCaseName: string;
  useCaseId: string;
  userId?: string;
  accountName?: string;
  occurredAtMs: number;
  /** nano-USD, as text. */
  held: string;
  limitIds: string[];
  /** Those of them that its event names. */
  limitIdsAtPayi: string[];
}
