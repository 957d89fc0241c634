import { TrailmeterError } from '../../errors/trailmeter-error.ts';
import type { Clock } from '../../util/clock.ts';

/** How long a request waits for its share, and what it is asked to wait before it tries again. */
const WAIT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;

export interface MemoryOptions {
  /** What all shares together may have, in bytes. */
  bytes: number;
  clock: Clock;
  /** The most shares at one time. */
  maxShares?: number;
}

/** Part of a budget that one piece of work holds. */
export interface MemoryShare {
  readonly bytes: number;
  /** Takes more, or gives back. More is waited for as in `take`. @throws TrailmeterError 503 */
  resize(bytes: number): Promise<void>;
  /** Gives everything back. Does nothing the second time. */
  release(): void;
}

interface Waiting {
  fits(): boolean;
  admit(): void;
}

/**
 * Memory of the process that large requests share. What does not fit waits in order for a moment, and is refused then, so
 * that the process never holds more than it has.
 */
export class MemoryBudget {
  /** In bytes. */
  readonly capacity: number;
  readonly #clock: Clock;
  readonly #maxShares: number;
  readonly #waiting: Waiting[] = [];
  #used = 0;
  #shares = 0;

  constructor({ bytes, clock, maxShares = Number.POSITIVE_INFINITY }: MemoryOptions) {
    this.capacity = bytes;
    this.#clock = clock;
    this.#maxShares = maxShares;
  }

  /**
   * A share of `bytes`, or of the whole budget when that is less.
   * @throws TrailmeterError 503 `busy` with `Retry-After` when there is no room for it within 10 seconds.
   */
  async take(bytes: number): Promise<MemoryShare> {
    let held = Math.min(bytes, this.capacity);
    let isOpen = true;
    await this.#enter(held, 1);
    return {
      get bytes() {
        return held;
      },
      resize: async (wanted) => {
        const more = Math.min(wanted, this.capacity) - held;
        if (!isOpen) return;
        if (more > 0) await this.#enter(more, 0);
        else this.#leave(-more, 0);
        held += more;
      },
      release: () => {
        if (isOpen) this.#leave(held, 1);
        isOpen = false;
      },
    };
  }

  async #enter(bytes: number, shares: 0 | 1): Promise<void> {
    const fits = (): boolean => this.#used + bytes <= this.capacity && this.#shares + shares <= this.#maxShares;
    const enter = (): void => {
      this.#used += bytes;
      this.#shares += shares;
    };
    if (this.#waiting.length === 0 && fits()) return enter();
    const late = new AbortController();
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        fits,
        admit: () => {
          enter();
          late.abort();
          resolve();
        },
      };
      this.#waiting.push(waiting);
      this.#clock.sleep(WAIT_MS, late.signal).then(
        () => {
          this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
          reject(busy());
          this.#admit();
        },
        () => undefined, // admitted
      );
    });
  }

  #leave(bytes: number, shares: 0 | 1): void {
    this.#used -= bytes;
    this.#shares -= shares;
    this.#admit();
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next?.fits(); next = this.#waiting[0]) {
      this.#waiting.shift();
      next.admit();
    }
  }
}

const busy = (): TrailmeterError =>
  new TrailmeterError('busy', 'The service is busy with other large requests. Please try again in a few seconds.', {
    status: 503,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
