import type { Entry, Lock } from './entry.ts';
import { Heap } from './heap.ts';

/** Which messages are locked, and when which lock ends. Times are UTC, ms. */
export class Locks {
  readonly #held = new Map<string, Entry>();
  /** A renewed lock is in it more than once; the end that its entry has now counts. */
  readonly #ends = new Heap<Lock>((end) => end.until);
  readonly #durationMs: number;
  readonly #newToken: () => string;

  constructor(durationMs: number, newToken: () => string) {
    this.#durationMs = durationMs;
    this.#newToken = newToken;
  }

  get size(): number {
    return this.#held.size;
  }

  entries(): Entry[] {
    return [...this.#held.values()];
  }

  lock(entry: Entry, now: number): void {
    const lock = { token: this.#newToken(), until: now + this.#durationMs };
    entry.lock = lock;
    this.#held.set(lock.token, entry);
    this.#ends.push({ ...lock });
  }

  /** The entry of a lock, be its time over or not. */
  find(token: string): Entry | undefined {
    return this.#held.get(token);
  }

  /** Makes locks last from now again; until when. */
  renew(locks: readonly Lock[], now: number): number {
    const until = now + this.#durationMs;
    for (const lock of locks) {
      lock.until = until;
      this.#ends.push({ token: lock.token, until });
    }
    return until;
  }

  unlock(entry: Entry): void {
    if (entry.lock) this.#held.delete(entry.lock.token);
    entry.lock = undefined;
    this.#ends.prune(this.#held.size, ({ token, until }) => this.#held.get(token)?.lock?.until === until);
  }

  /** A locked entry whose time is over; undefined when there is none (more). */
  nextEnded(now: number): Entry | undefined {
    for (let end = this.#ends.peek(); end && end.until <= now; end = this.#ends.peek()) {
      this.#ends.pop();
      const entry = this.#held.get(end.token);
      if (entry?.lock && entry.lock.until <= now) return entry;
    }
    return undefined;
  }

  /** When the next lock may end; Infinity when there is none. */
  nextEnd(): number {
    return this.#ends.peek()?.until ?? Infinity;
  }
}
