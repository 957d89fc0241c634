import type { Clock } from '../clock.ts';
import { describeError, type Telemetry } from '../telemetry.ts';
import type { TrackedEvent } from '../usage-event.ts';

export interface KeptEventsOptions {
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
export class KeptEvents {
  readonly #options: KeptEventsOptions;
  readonly #closing = new AbortController();
  readonly #events: TrackedEvent[] = [];
  #trying: Promise<void> | undefined;

  constructor(options: KeptEventsOptions) {
    this.#options = options;
  }

  /** Events beyond those that memory is for are lost, which is logged with their ids. */
  keep(events: TrackedEvent[]): void {
    const room = MOST - this.#events.length;
    this.#events.push(...events.slice(0, room));
    this.#reportLost(events.slice(room), 'too many events wait in memory');
    this.#trying ??= this.#try().finally(() => {
      this.#trying = undefined;
    });
  }

  /** Tries once more at once. What nothing takes now is lost. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#trying;
    this.#reportLost(this.#events.splice(0), 'the process ends');
  }

  async #try(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    while (this.#events.length > 0 && !signal.aborted) {
      await clock.sleep(PAUSE_MS, signal).catch(() => undefined); // closing ends the pause early
      await this.#storeAll();
    }
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
