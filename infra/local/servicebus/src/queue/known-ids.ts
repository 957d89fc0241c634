/** The message ids (encoded) that a queue has seen within its window, for finding duplicates. Times are UTC, ms. */
export class KnownIds {
  /** Ids in the order in which they will be forgotten. */
  readonly #ends = new Map<string, number>();
  readonly #windowMs: number | undefined;

  /** @param windowMs how long an id is known; undefined when duplicates are not looked for */
  constructor(windowMs: number | undefined) {
    this.#windowMs = windowMs;
  }

  has(id: string, now: number): boolean {
    this.forget(now);
    return this.#ends.has(id);
  }

  /** Knows the id from now on: until when, or undefined when it need not be known. */
  add(id: string, now: number): number | undefined {
    if (this.#windowMs === undefined) return undefined;
    const until = now + this.#windowMs;
    this.restore(id, until);
    return until;
  }

  restore(id: string, until: number): void {
    this.#ends.delete(id);
    this.#ends.set(id, until);
  }

  forget(now: number): void {
    for (const [id, until] of this.#ends) {
      if (until > now) break;
      this.#ends.delete(id);
    }
  }

  all(): Iterable<[id: string, until: number]> {
    return this.#ends;
  }
}
