import type { Erasure, UserErasure } from './erase-user.ts';
import type { ErasureCounts } from './erasure-steps.ts';

/** The answer to a deletion. */
export interface ErasedUserData {
  userId: string;
  state: Erasure['state'];
  /** ISO 8601, UTC: calls that begin before count as before the deletion, and their events are made anonymous when they come. */
  before: string;
  erased: Omit<ErasureCounts, 'ingestedEvents'>;
  /** Requests that Pay-i has under this user id. */
  payi: { requests: number; note: string };
  /** What is kept all the same, in words. */
  elsewhere: string[];
}

const PAYI_NOTE =
  'Pay-i keeps these requests and their use case instances under this user_id, and its daily figures of it. Only Pay-i can delete them: ask its support.';

const kept = [
  'Sums of usage, and rows of exported files, under the user deleted-user.',
  'Exported files that were replaced, for as long as Blob Storage keeps deleted ones (7 days); what other programs took from the files before.',
  'Limits of the user that are in use now: under a digest of the user id, until LEDGER_RETENTION_DAYS after their period.',
  'Requests per minute, under a digest, for a day; answers of idempotency keys, sealed and under a digest, for 24 hours.',
  'Events on their way in the queue and the outbox, until they are made anonymous as they arrive.',
  'Message batches that were under way: they are cancelled, and deleted at the provider once they are metered, without the name.',
  'Batches and files that the provider refused to delete (log line user-content-kept), and what it keeps by its own retention.',
  'Names of revoked access keys, so that no second caller gets one.',
  'The audit log: this deletion, and what this user changed as an admin.',
  'A digest of the user id, for LEDGER_RETENTION_DAYS, by which late events are known.',
] as const;

/** Begins the deletion of what is kept of a user, or goes on with it, and says how far it is. @throws TableError */
export async function eraseUserData(erasure: UserErasure, userId: string): Promise<ErasedUserData> {
  const { state, beforeMs, counts } = await erasure.erase(userId);
  const { ingestedEvents, ...erased } = counts;
  return {
    userId,
    state,
    before: new Date(beforeMs).toISOString(),
    erased,
    payi: { requests: ingestedEvents, note: PAYI_NOTE },
    elsewhere: [...kept],
  };
}
