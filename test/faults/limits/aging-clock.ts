import { type Clock, systemClock } from '../../../shared/util/clock.ts';

/** The system's clock, with leaps: what would take a minute of waiting (the end of a lease) comes at once. */
export class AgingClock implements Clock {
  #ageMs: number;

  constructor(ageMs = 0) {
    this.#ageMs = ageMs;
  }

  get ageMs(): number {
    return this.#ageMs;
  }

  leap(ms: number): void {
    this.#ageMs += ms;
  }

  now(): number {
    return systemClock.now() + this.#ageMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }
}
