import type { Clock } from '../../shared/util/clock.ts';

/** Resolves when everything that can run without time or I/O has run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

interface Sleeper {
  until: number;
  wake: () => void;
}

/** A clock that tests move. Sleepers wake when it passes their time. Times are milliseconds since 1970, UTC. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start: number = Date.parse('2026-11-23T12:00:00Z')) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { until: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets `ms` pass, at once or in steps. Resolves when the sleepers of each step have run. */
  async pass(ms: number, stepMs = ms): Promise<void> {
    const end = this.#now + ms;
    do {
      this.#now = Math.min(end, this.#now + stepMs);
      for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#now) sleeper.wake();
      await settled();
    } while (this.#now < end);
  }

  /** Moves to the time of the next sleeper and wakes it; does nothing when nobody sleeps. */
  wakeNext(): void {
    const [next] = [...this.#sleepers].sort((a, b) => a.until - b.until);
    if (!next) return;
    this.#now = Math.max(this.#now, next.until);
    next.wake();
  }
}

/** A clock that jumps to the next sleeper as soon as nothing else can run. Not for work that waits for a network. */
export class LeapingClock extends ManualClock {
  /** Requests that are under way: until they have their answers no time passes. */
  underWay = 0;

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    void this.#leap();
    return super.sleep(ms, signal);
  }

  async #leap(): Promise<void> {
    do await settled();
    while (this.underWay > 0);
    this.wakeNext();
  }
}
