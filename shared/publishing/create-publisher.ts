import { EventTooLargeError, NotDurableError } from '../events/errors.ts';
import type { Publisher } from '../events/publisher.ts';
import { asTried, firstSend, messageId } from '../events/queued-event.ts';
import type { TrackedEvent } from '../events/usage-event.ts';
import type { PublishedEvents } from '../ledger/published-events.ts';
import type { QueueMessage, UsageQueue } from '../service-bus/usage-queue.ts';
import { describeError, type Telemetry } from '../telemetry/telemetry.ts';
import { createCircuitBreaker } from '../util/circuit-breaker.ts';
import type { Clock } from '../util/clock.ts';
import { withTimeout } from '../util/with-timeout.ts';
import { GroupCommit } from './group-commit.ts';
import { MemoryBuffer } from './memory-buffer.ts';
import type { Outbox } from './outbox.ts';

export interface PublisherOptions {
  queue: UsageQueue;
  outbox: Outbox;
  register: Pick<PublishedEvents, 'add'>;
  /** After this time, in ms, a send without an answer is given up and its events go to the outbox. */
  timeoutMs: number;
  clock: Clock;
  telemetry: Telemetry;
}

/** A message of the standard tier takes 256 KiB, its envelope included. */
const SEND_BYTES = 200_000;
const SEND_EVENTS = 200;
const LINGER_MS = 3;
/** Few: while they are under way, the events of other calls gather for one send. Two, so that one that hangs holds up nobody. */
const SENDS_AT_ONCE = 2;
/** The host gives a process about 10 s to end. A send that hangs leaves most of it for the outbox. */
const CLOSE_MS = 2_000;

/** An event that waits for the next send. */
interface Waiting {
  event: TrackedEvent;
  bytes: number;
  isRepeated: boolean;
}

/** With the id of its first send, which duplicate detection may know. */
const sentAgain = (event: TrackedEvent): QueueMessage => {
  const outgoing = firstSend(event);
  return { outgoing: asTried(outgoing), id: messageId(outgoing) };
};

const size = (event: TrackedEvent): number => Buffer.byteLength(JSON.stringify(event)) + 200;

/**
 * Publishes with group commit. When a send fails or gives no answer, its events go to the outbox. It may have been
 * accepted all the same: the copy from the outbox has the same message id, which duplicate detection drops, and after its
 * window ingest is idempotent (D3). While Service Bus does not answer, callers are not made to wait for it again. What
 * neither of them takes is kept in memory (see `KeptEvents`).
 */
export function createPublisher({ queue, outbox, register, timeoutMs, clock, telemetry }: PublisherOptions): Publisher {
  const breaker = createCircuitBreaker({
    threshold: 2,
    pauseMs: 10_000,
    changed: (state) => telemetry.warn('circuit-changed', { service: 'service-bus', state }),
  });
  let closing = false;
  const kept = new MemoryBuffer({ store: (events) => store(events.map(sentAgain)), clock, telemetry });
  const commits = new GroupCommit<Waiting, 'queued' | 'outbox'>({
    commit,
    maxItems: SEND_EVENTS,
    maxBytes: SEND_BYTES,
    size: ({ bytes }) => bytes,
    lingerMs: LINGER_MS,
    maxConcurrent: SENDS_AT_ONCE,
    clock,
  });

  async function commit(waiting: Waiting[]): Promise<'queued' | 'outbox'> {
    const events = waiting.map(({ event }) => event);
    // Caught at once: a rejection that waits for the send to end would be nobody's, and end the process.
    const registered = withTimeout(timeoutMs, register.add(events.map(({ eventId }) => eventId)), clock).catch(
      (error: unknown) => telemetry.warn('register-slow', describeError(error)),
    );
    try {
      const where = await store(
        waiting.map(({ event, isRepeated }) => (isRepeated ? sentAgain(event) : { outgoing: firstSend(event) })),
      );
      telemetry.measure('events-per-send', events.length, { where });
      return where;
    } catch (error) {
      telemetry.error('events-not-durable', { events: events.length, ...describeError(error) });
      kept.keep(events);
      throw new NotDurableError(error);
    } finally {
      await registered;
    }
  }

  /** @throws what the outbox threw, when neither of them took the messages */
  async function store(messages: QueueMessage[]): Promise<'queued' | 'outbox'> {
    const inTurn = breaker.enter(clock.now()) === 0;
    if (inTurn && (await sent(messages))) return 'queued';
    try {
      await outbox.put(messages.map(({ outgoing, id = messageId(outgoing) }) => ({ outgoing, messageId: id })));
    } catch (error) {
      // Service Bus was left out to spare the caller the wait; now it is all there is.
      if (!inTurn && (await sent(messages))) return 'queued';
      throw error;
    }
    telemetry.count('events-in-outbox', messages.length);
    return 'outbox';
  }

  async function sent(messages: QueueMessage[]): Promise<boolean> {
    try {
      await withTimeout(closing ? Math.min(timeoutMs, CLOSE_MS) : timeoutMs, queue.send(messages), clock);
      breaker.succeeded();
      return true;
    } catch (error) {
      breaker.failed(clock.now());
      telemetry.warn('send-failed', { events: messages.length, ...describeError(error) });
      return false;
    }
  }

  return {
    async publish(event, isRepeated = false) {
      const bytes = size(event);
      if (bytes > SEND_BYTES) throw new EventTooLargeError(event.eventId);
      return commits.add({ event, bytes, isRepeated });
    },
    async close() {
      closing = true;
      await commits.drain();
      await kept.close(CLOSE_MS);
      await withTimeout(CLOSE_MS, queue.close(), clock).catch((error: unknown) =>
        telemetry.warn('queue-not-closed', describeError(error)),
      );
    },
  };
}
