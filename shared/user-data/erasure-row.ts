import type { RowKey } from '../tables/table.ts';

export const ERASURES_PARTITION = 'users';

/** One deletion of a user's data, in the table `erasures`; the row key is a digest of the user id. */
export interface ErasureRow extends RowKey {
  /** Until it is done: to find what is to be deleted. */
  userId?: string | undefined;
  /** ms, UTC: data of calls that began before are deleted, and events of them that come later are made anonymous. */
  beforeMs: number;
  state: 'under_way' | 'swept' | 'done';
  /** Number of the step that is under way, and where in it. */
  step: number;
  from: string;
  /** What was deleted so far, as JSON. */
  counts: string;
}
