import { encodeString } from './amqp-bytes.ts';
import { Heap } from './heap.ts';
import { type Content, type Property, withProperties } from './sections.ts';
import { SequenceIndex } from './sequence-index.ts';

/** What a queue keeps to; durations in ms. */
export interface QueueRules {
  lockDurationMs: number;
  /** A message whose delivery count reaches this goes to the dead letters; Infinity for the dead-letter queue itself. */
  maxDeliveryCount: number;
  /** The longest life of a message; Infinity when it has no end. */
  defaultTtlMs: number;
  deadLetterOnExpiry: boolean;
  /** How long a message id is remembered; undefined when duplicates are not looked for. */
  duplicateWindowMs: number | undefined;
  /** Sends are to be refused when the messages would take more than this many bytes. */
  maxBytes: number;
}

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
  state: 'active' | 'deferred' | 'scheduled';
  /** The queue that gave this message up. */
  deadLetterSource?: string | undefined;
  lock?: { token: string; until: number } | undefined;
}

/** What has to be written down so that the queue can be built again. Locks are not: they end with the process. */
export type Change =
  /** The entry as it is now; it takes the place of `replaces` (another number: a scheduled message that became due). */
  | { kind: 'put'; entry: Entry; replaces?: number }
  | { kind: 'remove'; sequenceNumber: number }
  /** Message id (encoded) known until a time (UTC, ms). */
  | { kind: 'seen'; id: string; until: number }
  | { kind: 'next'; sequenceNumber: number };

export type Outcome =
  | { kind: 'complete' }
  /** Never reached its receiver: back in its place, not counted as a delivery. */
  | { kind: 'release' }
  | { kind: 'abandon' | 'defer'; properties: readonly Property[] }
  | {
      kind: 'dead-letter';
      reason?: string | undefined;
      description?: string | undefined;
      properties: readonly Property[];
    };

export type Settled = 'settled' | 'lock-lost' | 'not-allowed';

/** What became of a message that was sent. */
export type Sent =
  | { kind: 'stored'; sequenceNumber: number }
  /** Seen before within the window: accepted and dropped. */
  | { kind: 'duplicate' };

export interface QueueOptions {
  name: string;
  rules: QueueRules;
  /** 16 bytes, one character each, in the byte order of the wire. */
  newLockToken: () => string;
  /** Where messages go that cannot be delivered; without it this queue is a dead-letter queue. */
  deadLetters?: Queue;
  record?: (change: Change) => void;
}

/**
 * The rules of one Service Bus queue, without wire and without clock: every method is told the time (UTC, ms).
 * Messages come out in the order of their sequence numbers; one that was given back takes its old place.
 */
export class Queue {
  readonly name: string;
  private readonly options: QueueOptions;
  private readonly entries = new Map<number, Entry>();
  private readonly index = new SequenceIndex();
  private readonly available = new Heap<Entry>((entry) => entry.sequenceNumber);
  private readonly scheduled = new Heap<Entry>((entry) => entry.enqueuedAt);
  private readonly expiring = new Heap<Entry>((entry) => entry.expiresAt);
  private readonly locks = new Map<string, Entry>();
  private readonly lockEnds = new Heap<{ token: string; until: number }>((end) => end.until);
  /** Ids in the order in which they will be forgotten. */
  private readonly seen = new Map<string, number>();
  private nextSequenceNumber = 1;
  private bytes = 0;
  private deferredCount = 0;
  private scheduledCount = 0;

  constructor(options: QueueOptions) {
    this.name = options.name;
    this.options = options;
  }

  hasRoomFor(contents: readonly Content[]): boolean {
    return contents.reduce((sum, content) => sum + sizeOf(content), this.bytes) <= this.options.rules.maxBytes;
  }

  /** Takes a message in; a time in its annotation that lies ahead makes it a scheduled one. */
  send(content: Content, now: number, options: { evenIfSeen?: boolean } = {}): Sent {
    if (!this.remember(content.messageId, now) && !options.evenIfSeen) return { kind: 'duplicate' };
    const due = content.scheduledAt !== undefined && content.scheduledAt > now ? content.scheduledAt : undefined;
    const entry: Entry = {
      sequenceNumber: this.nextSequenceNumber++,
      content,
      enqueuedAt: due ?? now,
      expiresAt: (due ?? now) + this.lifeOf(content),
      deliveryCount: 0,
      state: due === undefined ? 'active' : 'scheduled',
    };
    this.put(entry);
    return { kind: 'stored', sequenceNumber: entry.sequenceNumber };
  }

  /** Takes scheduled messages back; all of them or, when one is not there any more, none. */
  cancelScheduled(sequenceNumbers: readonly number[]): boolean {
    const found = sequenceNumbers.map((number) => this.entries.get(number));
    if (found.some((entry) => entry?.state !== 'scheduled')) return false;
    for (const entry of found) if (entry) this.remove(entry);
    return true;
  }

  /** Locks the next message for a receiver; undefined when there is none. */
  take(now: number): Entry | undefined {
    for (;;) {
      const entry = this.available.pop();
      if (!entry) return undefined;
      if (!this.isAvailable(entry)) continue;
      if (entry.expiresAt <= now) this.expire(entry);
      else return this.lock(entry, now);
    }
  }

  /** Locks deferred messages by their numbers; undefined when one of them is not a deferred message without a lock. */
  takeDeferred(sequenceNumbers: readonly number[], now: number): Entry[] | undefined {
    const found = [...new Set(sequenceNumbers)].map((number) => this.entries.get(number));
    const free = found.filter((entry) => entry?.state === 'deferred' && !entry.lock) as Entry[];
    if (free.length !== found.length) return undefined;
    return free.map((entry) => this.lock(entry, now));
  }

  settle(token: string, outcome: Outcome, now: number): Settled {
    const entry = this.locked(token, now);
    if (!entry) return 'lock-lost';
    if (outcome.kind === 'dead-letter' && !this.options.deadLetters) return 'not-allowed';
    this.unlock(entry);
    switch (outcome.kind) {
      case 'complete':
        this.remove(entry);
        break;
      case 'release':
        this.giveBack(entry, now);
        break;
      case 'abandon':
        entry.content = withProperties(entry.content, outcome.properties);
        this.countDelivery(entry, now);
        break;
      case 'defer':
        entry.content = withProperties(entry.content, outcome.properties);
        this.count(entry, -1);
        entry.state = 'deferred';
        this.count(entry, 1);
        this.options.record?.({ kind: 'put', entry });
        break;
      case 'dead-letter':
        this.deadLetter(entry, outcome.reason, outcome.description, outcome.properties);
    }
    return 'settled';
  }

  /** Locks last from now again: the new ends (UTC, ms), or undefined when one of the locks is gone. */
  renew(tokens: readonly string[], now: number): number[] | undefined {
    const found = tokens.map((token) => this.locked(token, now));
    const until = now + this.options.rules.lockDurationMs;
    const held = found.flatMap((entry) => entry?.lock ?? []);
    if (held.length !== tokens.length) return undefined;
    for (const lock of held) {
      lock.until = until;
      this.lockEnds.push({ token: lock.token, until });
    }
    return held.map(() => until);
  }

  /** Up to `count` messages from a sequence number on, of every state, unchanged. */
  peek(from: number, count: number): Entry[] {
    const found: Entry[] = [];
    for (const number of this.index.from(from)) {
      if (found.length >= count) break;
      const entry = this.entries.get(number);
      if (entry) found.push(entry);
    }
    return found;
  }

  /** Removes up to `count` messages that wait without a lock and came before a time; how many it were. */
  deleteBatch(count: number, enqueuedBefore: number): number {
    const chosen: Entry[] = [];
    for (const entry of this.entries.values()) {
      if (chosen.length >= count) break;
      if (entry.state === 'active' && !entry.lock && entry.enqueuedAt < enqueuedBefore) chosen.push(entry);
    }
    for (const entry of chosen) this.remove(entry);
    return chosen.length;
  }

  /** Does what time has brought: due messages, ended locks, ended lives. */
  tick(now: number): void {
    for (let end = this.lockEnds.peek(); end && end.until <= now; end = this.lockEnds.peek()) {
      this.lockEnds.pop();
      this.locked(end.token, now);
    }
    for (let entry = this.scheduled.peek(); entry && entry.enqueuedAt <= now; entry = this.scheduled.peek()) {
      this.scheduled.pop();
      if (entry.state === 'scheduled' && this.has(entry)) this.becomeDue(entry, now);
    }
    for (let entry = this.expiring.peek(); entry && entry.expiresAt <= now; entry = this.expiring.peek()) {
      this.expiring.pop();
      if (this.isAvailable(entry)) this.expire(entry);
    }
    this.forget(now);
  }

  /** When `tick` is next needed (UTC, ms); Infinity when nothing waits for the clock. */
  nextTick(): number {
    return Math.min(
      this.lockEnds.peek()?.until ?? Infinity,
      this.scheduled.peek()?.enqueuedAt ?? Infinity,
      this.expiring.peek()?.expiresAt ?? Infinity,
    );
  }

  /** Ends every lock at once, as the service does when it moves a queue to another node. */
  dropLocks(now: number): void {
    for (const entry of [...this.locks.values()]) {
      this.unlock(entry);
      this.countDelivery(entry, now);
    }
  }

  counts(): { active: number; locked: number; scheduled: number; deferred: number } {
    const locked = this.locks.size;
    const lockedDeferred = [...this.locks.values()].filter((entry) => entry.state === 'deferred').length;
    return {
      active: this.entries.size - this.scheduledCount - this.deferredCount - (locked - lockedDeferred),
      locked,
      scheduled: this.scheduledCount,
      deferred: this.deferredCount - lockedDeferred,
    };
  }

  /** Builds the queue up again from what it recorded. */
  restore(change: Change): void {
    switch (change.kind) {
      case 'put': {
        if (change.replaces !== undefined) this.discard(change.replaces);
        this.discard(change.entry.sequenceNumber);
        this.nextSequenceNumber = Math.max(this.nextSequenceNumber, change.entry.sequenceNumber + 1);
        this.hold(change.entry);
        break;
      }
      case 'remove':
        this.discard(change.sequenceNumber);
        break;
      case 'seen':
        this.seen.delete(change.id);
        this.seen.set(change.id, change.until);
        break;
      case 'next':
        this.nextSequenceNumber = Math.max(this.nextSequenceNumber, change.sequenceNumber);
    }
  }

  /** The shortest record of the queue as it is. */
  *snapshot(): Generator<Change> {
    yield { kind: 'next', sequenceNumber: this.nextSequenceNumber };
    for (const [id, until] of this.seen) yield { kind: 'seen', id, until };
    for (const entry of this.entries.values()) yield { kind: 'put', entry };
  }

  /** Bytes that the messages take. */
  get size(): number {
    return this.bytes;
  }

  /** Takes over a message that the queue above could not deliver. */
  adopt(entry: Entry): void {
    this.put(entry);
  }

  private put(entry: Entry, replaces?: number): void {
    this.options.record?.({ kind: 'put', entry, ...(replaces === undefined ? {} : { replaces }) });
    this.hold(entry);
  }

  private hold(entry: Entry): void {
    this.entries.set(entry.sequenceNumber, entry);
    this.index.add(entry.sequenceNumber);
    this.bytes += sizeOf(entry.content);
    this.count(entry, 1);
    if (entry.state === 'active') this.available.push(entry);
    if (entry.state === 'scheduled') this.scheduled.push(entry);
    if (entry.expiresAt !== Infinity) this.expiring.push(entry);
  }

  private remove(entry: Entry): void {
    this.options.record?.({ kind: 'remove', sequenceNumber: entry.sequenceNumber });
    this.discard(entry.sequenceNumber);
  }

  private discard(sequenceNumber: number): void {
    const entry = this.entries.get(sequenceNumber);
    if (!entry) return;
    this.entries.delete(sequenceNumber);
    this.index.prune(this.entries.size, (number) => this.entries.has(number));
    this.bytes -= sizeOf(entry.content);
    this.count(entry, -1);
    this.available.prune(this.entries.size, (other) => this.isAvailable(other));
    this.scheduled.prune(this.scheduledCount, (other) => this.has(other) && other.state === 'scheduled');
    this.expiring.prune(this.entries.size, (other) => this.has(other));
  }

  private count(entry: Entry, by: 1 | -1): void {
    if (entry.state === 'deferred') this.deferredCount += by;
    if (entry.state === 'scheduled') this.scheduledCount += by;
  }

  private has(entry: Entry): boolean {
    return this.entries.get(entry.sequenceNumber) === entry;
  }

  private isAvailable(entry: Entry): boolean {
    return entry.state === 'active' && !entry.lock && this.has(entry);
  }

  private lifeOf(content: Content): number {
    return Math.min(content.ttlMs ?? Infinity, this.options.rules.defaultTtlMs);
  }

  private lock(entry: Entry, now: number): Entry {
    const lock = { token: this.options.newLockToken(), until: now + this.options.rules.lockDurationMs };
    entry.lock = lock;
    this.locks.set(lock.token, entry);
    this.lockEnds.push({ ...lock });
    return entry;
  }

  /** The entry under this lock; a lock whose time is over ends here. */
  private locked(token: string, now: number): Entry | undefined {
    const entry = this.locks.get(token);
    if (!entry?.lock) return undefined;
    if (entry.lock.until > now) return entry;
    this.unlock(entry);
    this.countDelivery(entry, now);
    return undefined;
  }

  private unlock(entry: Entry): void {
    if (entry.lock) this.locks.delete(entry.lock.token);
    entry.lock = undefined;
    this.lockEnds.prune(this.locks.size, ({ token, until }) => this.locks.get(token)?.lock?.until === until);
  }

  private countDelivery(entry: Entry, now: number): void {
    entry.deliveryCount++;
    const { maxDeliveryCount } = this.options.rules;
    if (entry.deliveryCount < maxDeliveryCount) {
      this.options.record?.({ kind: 'put', entry });
      this.giveBack(entry, now);
    } else {
      const text = `Message could not be consumed after ${maxDeliveryCount} delivery attempts.`;
      this.deadLetter(entry, 'MaxDeliveryCountExceeded', text, []);
    }
  }

  private giveBack(entry: Entry, now: number): void {
    if (entry.state !== 'active') return;
    if (entry.expiresAt <= now) this.expire(entry);
    else this.available.push(entry);
  }

  private expire(entry: Entry): void {
    if (this.options.rules.deadLetterOnExpiry && this.options.deadLetters) {
      this.deadLetter(entry, 'TTLExpiredException', 'The message expired and was dead lettered.', []);
    } else {
      this.remove(entry);
    }
  }

  private deadLetter(
    entry: Entry,
    reason: string | undefined,
    description: string | undefined,
    more: readonly Property[],
  ): void {
    const properties: Property[] = [...more];
    if (reason !== undefined) properties.push(['DeadLetterReason', encodeString(reason)]);
    if (description !== undefined) properties.push(['DeadLetterErrorDescription', encodeString(description)]);
    const { lock: _, ...rest } = entry;
    this.options.deadLetters?.adopt({
      ...rest,
      content: withProperties(entry.content, properties),
      state: 'active',
      expiresAt: Infinity,
      deadLetterSource: this.name,
    });
    this.remove(entry);
  }

  /** A due message is appended as a new one: the number from scheduling was only good for cancelling. */
  private becomeDue(entry: Entry, now: number): void {
    this.discard(entry.sequenceNumber);
    const due: Entry = {
      ...entry,
      sequenceNumber: this.nextSequenceNumber++,
      enqueuedAt: now,
      expiresAt: now + this.lifeOf(entry.content),
      state: 'active',
    };
    this.put(due, entry.sequenceNumber);
  }

  /** Whether this id is new within the window. Messages without an id are never duplicates. */
  private remember(id: string | undefined, now: number): boolean {
    const { duplicateWindowMs } = this.options.rules;
    if (id === undefined || duplicateWindowMs === undefined) return true;
    this.forget(now);
    if (this.seen.has(id)) return false;
    const until = now + duplicateWindowMs;
    this.seen.set(id, until);
    this.options.record?.({ kind: 'seen', id, until });
    return true;
  }

  private forget(now: number): void {
    for (const [id, until] of this.seen) {
      if (until > now) break;
      this.seen.delete(id);
    }
  }
}

/** What a message counts against the size of its queue: its bytes and a little for its place. */
const sizeOf = (content: Content): number => content.bare.length + content.annotations.length + 64;
