import { type Entry, type EntryState, sizeOf } from './entry.ts';
import { Heap } from './heap.ts';
import { SequenceIndex } from './sequence-index.ts';

/**
 * The messages of a queue, by number and in each order in which they are asked for. The orders are swept late and in bulk:
 * an entry in them may have left, or changed, and is passed over when its turn comes. Times are UTC, ms.
 */
export class EntryStore {
  readonly #entries = new Map<number, Entry>();
  readonly #numbers = new SequenceIndex();
  readonly #available = new Heap<Entry>((entry) => entry.sequenceNumber);
  readonly #scheduled = new Heap<Entry>((entry) => entry.enqueuedAt);
  readonly #expiring = new Heap<Entry>((entry) => entry.expiresAt);
  readonly #counts: Record<EntryState, number> = { active: 0, deferred: 0, scheduled: 0 };
  #size = 0;

  /** Bytes that the messages take. */
  get bytes(): number {
    return this.#size;
  }

  /** How many messages are in a state, locked ones too. */
  count(state: EntryState): number {
    return this.#counts[state];
  }

  get(sequenceNumber: number): Entry | undefined {
    return this.#entries.get(sequenceNumber);
  }

  all(): Iterable<Entry> {
    return this.#entries.values();
  }

  /** In the order of their numbers, from this one on. */
  *from(sequenceNumber: number): Generator<Entry> {
    for (const number of this.#numbers.from(sequenceNumber)) {
      const entry = this.#entries.get(number);
      if (entry) yield entry;
    }
  }

  add(entry: Entry): void {
    this.#entries.set(entry.sequenceNumber, entry);
    this.#numbers.add(entry.sequenceNumber);
    this.#size += sizeOf(entry.content);
    this.#counts[entry.state]++;
    if (entry.state === 'active') this.#available.push(entry);
    if (entry.state === 'scheduled') this.#scheduled.push(entry);
    if (entry.expiresAt !== Infinity) this.#expiring.push(entry);
  }

  remove(sequenceNumber: number): void {
    const entry = this.#entries.get(sequenceNumber);
    if (!entry) return;
    this.#entries.delete(sequenceNumber);
    this.#numbers.prune(this.#entries.size, (number) => this.#entries.has(number));
    this.#size -= sizeOf(entry.content);
    this.#counts[entry.state]--;
    this.#available.prune(this.#entries.size, (other) => this.#isAvailable(other));
    this.#scheduled.prune(this.#counts.scheduled, (other) => this.#has(other) && other.state === 'scheduled');
    this.#expiring.prune(this.#entries.size, (other) => this.#has(other));
  }

  defer(entry: Entry): void {
    this.#counts[entry.state]--;
    entry.state = 'deferred';
    this.#counts.deferred++;
  }

  /** Takes its old place among those that can be handed out. */
  giveBack(entry: Entry): void {
    this.#available.push(entry);
  }

  /** The first message that can be handed out, which leaves that order; undefined when there is none. */
  takeAvailable(): Entry | undefined {
    let entry = this.#available.pop();
    while (entry && !this.#isAvailable(entry)) entry = this.#available.pop();
    return entry;
  }

  /** A scheduled message that is due; undefined when there is none (more). */
  nextDue(now: number): Entry | undefined {
    for (let entry = this.#scheduled.peek(); entry && entry.enqueuedAt <= now; entry = this.#scheduled.peek()) {
      this.#scheduled.pop();
      if (entry.state === 'scheduled' && this.#has(entry)) return entry;
    }
    return undefined;
  }

  /** A message whose life is over and that nobody holds; undefined when there is none (more). */
  nextExpired(now: number): Entry | undefined {
    for (let entry = this.#expiring.peek(); entry && entry.expiresAt <= now; entry = this.#expiring.peek()) {
      this.#expiring.pop();
      if (this.#isAvailable(entry)) return entry;
    }
    return undefined;
  }

  /** When a message may become due or expire next; Infinity when none will. */
  nextTime(): number {
    return Math.min(this.#scheduled.peek()?.enqueuedAt ?? Infinity, this.#expiring.peek()?.expiresAt ?? Infinity);
  }

  #has(entry: Entry): boolean {
    return this.#entries.get(entry.sequenceNumber) === entry;
  }

  #isAvailable(entry: Entry): boolean {
    return entry.state === 'active' && !entry.lock && this.#has(entry);
  }
}
