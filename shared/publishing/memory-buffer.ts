import type { TrackedEvent } from '../events/usage-event.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import { type Clock, pause } from '../util/clock.ts';
import { withTimeout } from '../util/with-timeout.ts';

export interface MemoryBufferOptions {
  /** Makes them durable. Rejects when nothing took them. */
  store(events: TrackedEvent[]): Promise<unknown>;
  clock: Clock;
  telemetry: Telemetry;
}

const PAUSE_MS = 5_000;
const AT_ONCE = 100;
/** Some 20 MB. */
const MOST = 10_000;

/**
 * Events that neither Service Bus nor the outbox took. Their callers were told, but their calls were made and cost money:
 * they stay in memory and are tried again until something takes them or the process ends. Until then they are in no
 * place that the audit sees, and it names them (D2).
 */
export class MemoryBuffer {
  readonly #options: MemoryBufferOptions;
  readonly #closing = new AbortController();
  readonly #events: TrackedEvent[] = [];
  #trying: Promise<void> | undefined;

  constructor(options: MemoryBufferOptions) {
    this.#options = options;
  }

  /** Events beyond those that memory is for are lost, which is logged with their ids. */
  keep(events: TrackedEvent[]): void {
    const room = MOST - this.#events.length;
    this.#events.push(...events.slice(0, room));
    this.#reportLost(events.slice(room), 'too many events wait in memory');
    this.#trying ??= this.#try();
  }

  /** Tries once more at once. What nothing takes within `ms` is lost, unless an answer is still under way. */
  async close(ms: number): Promise<void> {
    const { clock, telemetry } = this.#options;
    this.#closing.abort();
    await withTimeout(ms, this.#trying ?? Promise.resolve(), clock).catch((error: unknown) =>
      telemetry.warn('events-still-in-memory', { events: this.#events.length, ...describeError(error) }),
    );
    this.#reportLost(this.#events.splice(0), 'the process ends');
  }

  async #try(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    do {
      await pause(clock, PAUSE_MS, signal);
      await this.#storeAll();
    } while (this.#events.length > 0 && !signal.aborted);
    // Together with the look at what is left: the next event starts a new round.
    this.#trying = undefined;
  }

  /** Oldest first, until nothing is left or nothing takes them. */
  async #storeAll(): Promise<void> {
    const { store, telemetry } = this.#options;
    while (this.#events.length > 0) {
      const part = this.#events.slice(0, AT_ONCE);
      try {
        await store(part);
      } catch (error) {
        telemetry.warn('events-still-in-memory', { events: this.#events.length, ...describeError(error) });
        return;
      }
      this.#events.splice(0, part.length);
      telemetry.count('events-durable-later', part.length);
    }
  }

  #reportLost(events: TrackedEvent[], reason: string): void {
    if (events.length === 0) return;
    const { telemetry } = this.#options;
    telemetry.count('events-lost', events.length);
    telemetry.error('events-lost', { reason, eventIds: events.map(({ eventId }) => eventId).join(',') });
  }
}
