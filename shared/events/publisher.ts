import type { TrackedEvent } from './usage-event.ts';

/** Makes events durable. */
export interface Publisher {
  /**
   * Resolves when the event is acknowledged by Service Bus or lies in the outbox (D1).
   * @param isRepeated the event may have been published before, by a process that ended: ingest looks for it at Pay-i first (D3)
   * @throws NotDurableError when neither holds it (it is tried again while the process lives), EventTooLargeError when no message can hold it
   */
  publish(event: TrackedEvent, isRepeated?: boolean): Promise<'queued' | 'outbox'>;
  /** Makes durable what is in memory, within the host's grace time. */
  close(): Promise<void>;
}
