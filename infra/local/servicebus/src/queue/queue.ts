import { type Content, withProperties } from '../messages/content.ts';
import type { DeadLettering, Outcome, Settled } from '../messages/outcome.ts';
import { deadLetterOf, deliveredTooOften, expired } from './dead-letter.ts';
import { type Change, type Entry, sizeOf } from './entry.ts';
import { EntryStore } from './entry-store.ts';
import { KnownIds } from './known-ids.ts';
import { Locks } from './locks.ts';
import type { QueueRules } from './queue-rules.ts';

/** What became of a message that was sent. */
export type Sent =
  | { kind: 'stored'; sequenceNumber: number }
  /** Seen before within the window: accepted and dropped. */
  | { kind: 'duplicate' };

export interface QueueOptions {
  name: string;
  rules: QueueRules;
  /** 16 bytes, one character each, in the byte order of the wire. */
  createLockToken: () => string;
  /** Where messages go that cannot be delivered; without it this queue is a dead-letter queue. */
  deadLetters?: Queue;
  record?: (change: Change) => void;
}

/**
 * The rules of one Service Bus queue, without wire and without clock: every method gets the time (UTC, ms).
 * Messages come out in the order of their sequence numbers; one that was given back takes its old place.
 */
export class Queue {
  readonly name: string;
  readonly #options: QueueOptions;
  readonly #entries = new EntryStore();
  readonly #locks: Locks;
  readonly #known: KnownIds;
  #nextSequenceNumber = 1;

  constructor(options: QueueOptions) {
    this.name = options.name;
    this.#options = options;
    this.#locks = new Locks(options.rules.lockDurationMs, options.createLockToken);
    this.#known = new KnownIds(options.rules.duplicateWindowMs);
  }

  /** Bytes that the messages take. */
  get size(): number {
    return this.#entries.bytes;
  }

  hasRoomFor(contents: readonly Content[]): boolean {
    return contents.reduce((sum, content) => sum + sizeOf(content), this.size) <= this.#options.rules.maxBytes;
  }

  /** Takes a message in; a time in its annotation that lies ahead makes it a scheduled one. */
  send(content: Content, now: number, options: { evenIfSeen?: boolean } = {}): Sent {
    if (!this.#remember(content.messageId, now) && !options.evenIfSeen) return { kind: 'duplicate' };
    const due = content.scheduledAt !== undefined && content.scheduledAt > now ? content.scheduledAt : undefined;
    const entry: Entry = {
      sequenceNumber: this.#nextSequenceNumber++,
      content,
      enqueuedAt: due ?? now,
      expiresAt: (due ?? now) + this.#lifeOf(content),
      deliveryCount: 0,
      state: due === undefined ? 'active' : 'scheduled',
    };
    this.#put(entry);
    return { kind: 'stored', sequenceNumber: entry.sequenceNumber };
  }

  /** Takes scheduled messages back; all of them or, when one is not there any more, none. */
  cancelScheduled(sequenceNumbers: readonly number[]): boolean {
    const found = sequenceNumbers.map((number) => this.#entries.get(number));
    if (found.some((entry) => entry?.state !== 'scheduled')) return false;
    for (const entry of found) if (entry) this.#remove(entry);
    return true;
  }

  /** Locks the next message for a receiver; undefined when there is none. */
  take(now: number): Entry | undefined {
    for (;;) {
      const entry = this.#entries.takeAvailable();
      if (!entry) return undefined;
      if (entry.expiresAt <= now) this.#expire(entry);
      else {
        this.#locks.lock(entry, now);
        return entry;
      }
    }
  }

  /** Locks deferred messages by their numbers; undefined when one of them is not a deferred message without a lock. */
  takeDeferred(sequenceNumbers: readonly number[], now: number): Entry[] | undefined {
    const found = [...new Set(sequenceNumbers)].map((number) => this.#entries.get(number));
    const free = found.filter((entry) => entry?.state === 'deferred' && !entry.lock) as Entry[];
    if (free.length !== found.length) return undefined;
    for (const entry of free) this.#locks.lock(entry, now);
    return free;
  }

  settle(token: string, outcome: Outcome, now: number): Settled {
    const entry = this.#locked(token, now);
    if (!entry) return 'lock-lost';
    if (outcome.kind === 'dead-letter' && !this.#options.deadLetters) return 'not-allowed';
    this.#locks.unlock(entry);
    switch (outcome.kind) {
      case 'complete':
        this.#remove(entry);
        break;
      case 'release':
        this.#giveBack(entry, now);
        break;
      case 'abandon':
        entry.content = withProperties(entry.content, outcome.properties);
        this.#countDelivery(entry, now);
        break;
      case 'defer':
        entry.content = withProperties(entry.content, outcome.properties);
        this.#entries.defer(entry);
        this.#options.record?.({ kind: 'put', entry });
        break;
      case 'dead-letter':
        this.#deadLetter(entry, outcome);
    }
    return 'settled';
  }

  /** Locks last from now again: the new ends (UTC, ms), or undefined when one of the locks is gone. */
  renew(tokens: readonly string[], now: number): number[] | undefined {
    const held = tokens.flatMap((token) => this.#locked(token, now)?.lock ?? []);
    if (held.length !== tokens.length) return undefined;
    const until = this.#locks.renew(held, now);
    return held.map(() => until);
  }

  /** Up to `count` messages from a sequence number on, of every state, unchanged. */
  peek(from: number, count: number): Entry[] {
    const found: Entry[] = [];
    for (const entry of this.#entries.from(from)) {
      if (found.length >= count) break;
      found.push(entry);
    }
    return found;
  }

  /** Removes up to `count` messages that wait without a lock and came before a time; how many it were. */
  deleteBatch(count: number, enqueuedBefore: number): number {
    const chosen: Entry[] = [];
    for (const entry of this.#entries.all()) {
      if (chosen.length >= count) break;
      if (entry.state === 'active' && !entry.lock && entry.enqueuedAt < enqueuedBefore) chosen.push(entry);
    }
    for (const entry of chosen) this.#remove(entry);
    return chosen.length;
  }

  /** Does what time has brought: ended locks, due messages, ended lives. */
  tick(now: number): void {
    for (let entry = this.#locks.nextEnded(now); entry; entry = this.#locks.nextEnded(now)) this.#endLock(entry, now);
    for (let entry = this.#entries.nextDue(now); entry; entry = this.#entries.nextDue(now)) this.#becomeDue(entry, now);
    for (let entry = this.#entries.nextExpired(now); entry; entry = this.#entries.nextExpired(now)) this.#expire(entry);
    this.#known.forget(now);
  }

  /** When `tick` is next needed (UTC, ms); Infinity when nothing waits for the clock. */
  nextTick(): number {
    return Math.min(this.#locks.nextEnd(), this.#entries.nextTime());
  }

  /** Ends every lock at once, as the service does when it moves a queue to another node. */
  dropLocks(now: number): void {
    for (const entry of this.#locks.entries()) this.#endLock(entry, now);
  }

  counts(): { active: number; locked: number; scheduled: number; deferred: number } {
    const lockedDeferred = this.#locks.entries().filter((entry) => entry.state === 'deferred').length;
    return {
      active: this.#entries.count('active') - (this.#locks.size - lockedDeferred),
      locked: this.#locks.size,
      scheduled: this.#entries.count('scheduled'),
      deferred: this.#entries.count('deferred') - lockedDeferred,
    };
  }

  /** Builds the queue up again from what it recorded. */
  restore(change: Change): void {
    switch (change.kind) {
      case 'put':
        if (change.replaces !== undefined) this.#entries.remove(change.replaces);
        this.#entries.remove(change.entry.sequenceNumber);
        this.#nextSequenceNumber = Math.max(this.#nextSequenceNumber, change.entry.sequenceNumber + 1);
        this.#entries.add(change.entry);
        break;
      case 'remove':
        this.#entries.remove(change.sequenceNumber);
        break;
      case 'seen':
        this.#known.restore(change.id, change.until);
        break;
      case 'next':
        this.#nextSequenceNumber = Math.max(this.#nextSequenceNumber, change.sequenceNumber);
    }
  }

  /** The shortest record of the queue as it is. */
  *snapshot(): Generator<Change> {
    yield { kind: 'next', sequenceNumber: this.#nextSequenceNumber };
    for (const [id, until] of this.#known.all()) yield { kind: 'seen', id, until };
    for (const entry of this.#entries.all()) yield { kind: 'put', entry };
  }

  #put(entry: Entry, replaces?: number): void {
    this.#options.record?.({ kind: 'put', entry, ...(replaces === undefined ? {} : { replaces }) });
    this.#entries.add(entry);
  }

  #remove(entry: Entry): void {
    this.#options.record?.({ kind: 'remove', sequenceNumber: entry.sequenceNumber });
    this.#entries.remove(entry.sequenceNumber);
  }

  #lifeOf(content: Content): number {
    return Math.min(content.ttlMs ?? Infinity, this.#options.rules.defaultTtlMs);
  }

  /** The entry under this lock; a lock whose time is over ends here. */
  #locked(token: string, now: number): Entry | undefined {
    const entry = this.#locks.find(token);
    if (!entry?.lock || entry.lock.until > now) return entry;
    this.#endLock(entry, now);
    return undefined;
  }

  #endLock(entry: Entry, now: number): void {
    this.#locks.unlock(entry);
    this.#countDelivery(entry, now);
  }

  #countDelivery(entry: Entry, now: number): void {
    entry.deliveryCount++;
    const { maxDeliveryCount } = this.#options.rules;
    if (entry.deliveryCount < maxDeliveryCount) {
      this.#options.record?.({ kind: 'put', entry });
      this.#giveBack(entry, now);
    } else this.#deadLetter(entry, deliveredTooOften(maxDeliveryCount));
  }

  #giveBack(entry: Entry, now: number): void {
    if (entry.state !== 'active') return;
    if (entry.expiresAt <= now) this.#expire(entry);
    else this.#entries.giveBack(entry);
  }

  #expire(entry: Entry): void {
    if (this.#options.rules.deadLetterOnExpiry && this.#options.deadLetters) this.#deadLetter(entry, expired);
    else this.#remove(entry);
  }

  #deadLetter(entry: Entry, why: DeadLettering): void {
    const { deadLetters } = this.#options;
    if (deadLetters) deadLetters.#put(deadLetterOf(entry, this.name, why));
    this.#remove(entry);
  }

  /** A due message is appended as a new one: the number from scheduling was only good for cancelling. */
  #becomeDue(entry: Entry, now: number): void {
    this.#entries.remove(entry.sequenceNumber);
    const due: Entry = {
      ...entry,
      sequenceNumber: this.#nextSequenceNumber++,
      enqueuedAt: now,
      expiresAt: now + this.#lifeOf(entry.content),
      state: 'active',
    };
    this.#put(due, entry.sequenceNumber);
  }

  /** Whether this id is new within the window. Messages without an id are never duplicates. */
  #remember(id: string | undefined, now: number): boolean {
    if (id === undefined) return true;
    if (this.#known.has(id, now)) return false;
    const until = this.#known.add(id, now);
    if (until !== undefined) this.#options.record?.({ kind: 'seen', id, until });
    return true;
  }
}
