import type { Content } from '../messages/content.ts';

/** A message in a queue. */
export interface Entry {
  /** Gap-free and rising in its queue; a dead letter keeps the one it had. */
  sequenceNumber: number;
  content: Content;
  /** UTC, ms. A scheduled message has its due time here until it is due. */
  enqueuedAt: number;
  /** UTC, ms; Infinity when it does not expire. */
  expiresAt: number;
  /** Deliveries that ended without a settlement to stay. */
  deliveryCount: number;
  state: EntryState;
  /** The queue that gave this message up. */
  deadLetterSource?: string | undefined;
  lock?: Lock | undefined;
}

export type EntryState = 'active' | 'deferred' | 'scheduled';

export interface Lock {
  /** 16 bytes, one character each, in the byte order of the wire. */
  token: string;
  /** UTC, ms. */
  until: number;
}

/** What has to be written down so that the queue can be built again. Locks are not: they end with the process. */
export type Change =
  /** The entry as it is now; it takes the place of `replaces` (another number: a scheduled message that became due). */
  | { kind: 'put'; entry: Entry; replaces?: number }
  | { kind: 'remove'; sequenceNumber: number }
  /** Message id (encoded) known until a time (UTC, ms). */
  | { kind: 'seen'; id: string; until: number }
  | { kind: 'next'; sequenceNumber: number };

/** What a message counts against the size of its queue: its bytes and a little for its place. */
export const sizeOf = (content: Content): number => content.bare.length + content.annotations.length + 64;
