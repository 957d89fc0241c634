import type { Entry } from '../queue/entry.ts';

/** What the broker adds when it hands a message out. Times are UTC, ms. */
export interface Stamp {
  sequenceNumber: number;
  enqueuedAt: number;
  deliveryCount: number;
  state: 'active' | 'deferred' | 'scheduled';
  lockedUntil?: number | undefined;
  ttlMs?: number | undefined;
  deadLetterSource?: string | undefined;
}

/** What a receiver gets to know about the entry; a message that is deleted by its delivery, or only looked at, shows no lock. */
export function stampOf(entry: Entry, withoutLock: boolean): Stamp {
  return {
    sequenceNumber: entry.sequenceNumber,
    enqueuedAt: entry.enqueuedAt,
    deliveryCount: entry.deliveryCount,
    state: entry.state,
    lockedUntil: withoutLock ? undefined : entry.lock?.until,
    ttlMs: entry.expiresAt === Infinity ? entry.content.ttlMs : entry.expiresAt - entry.enqueuedAt,
    deadLetterSource: entry.deadLetterSource,
  };
}
