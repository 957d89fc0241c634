import type { Properties, UseCaseRef } from '../../../events/usage-event.ts';
import type { RowKey } from '../../../tables/table.ts';
import { fromColumns, type TextColumns, toColumns } from '../../../tables/text-columns.ts';

/**
 * The table `messagebatches`. A batch that is not metered has a row in the partition `open` and pages with its requests in a
 * partition of its own; each batch has a row in the partition of its owner.
 */
export type BatchRow = OpenBatchRow | OwnedBatchRow | RequestPageRow;

/** Under the id of the batch's hold. */
export interface OpenBatchRow extends RowKey, Partial<TextColumns> {
  partitionKey: typeof OPEN;
  /** The partition of its owner; '' where the owner's data were deleted, so that the batch is deleted once it is metered. */
  owner: string;
  /** A digest of the owner's user id. */
  user: string;
  /** The provider's id; empty until it has answered. */
  batchId: string;
  /** ms, UTC. */
  createdMs: number;
  /** Until then one process meters it; ms, UTC. */
  claimedUntilMs: number;
  /** How often that was begun. */
  runs: number;
}

/** Whose batch it is. The row key is the provider's id. */
export interface OwnedBatchRow extends RowKey {
  holdId: string;
  /** A digest of the user id. */
  user: string;
  createdMs: number;
  /** ms, UTC; 0 while it is open. */
  meteredMs: number;
}

/** Some of its requests: see `toPages`. */
export interface RequestPageRow extends RowKey, Partial<TextColumns> {}

export const OPEN = 'open';

/** What the events of a batch say, which begins with this one's. Nothing of it is a text of a prompt. */
export interface BatchFacts {
  /** Of the hold, which the events name. */
  holdId: string;
  limitIds: string[];
  useCase: UseCaseRef;
  useCaseProperties: Properties;
  requestProperties: Properties;
  userId?: string | undefined;
  accountName?: string | undefined;
  keyName?: string | undefined;
  requestId?: string | undefined;
  providerUri: string;
}

/** Columns of an open row. */
export const factColumns = (facts: BatchFacts): TextColumns => toColumns(JSON.stringify(facts));

export const factsOf = (row: OpenBatchRow): BatchFacts => JSON.parse(fromColumns(row)) as BatchFacts;
