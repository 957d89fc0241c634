import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import { QueueUnavailableError } from '../events/errors.ts';

/** What lies in a queue; changes nothing. Times are ms, UTC. */
export interface QueueLook {
  /** At most `LOOKED_AT`. */
  messages: number;
  /** Since when the oldest message waits to be received; absent when none does. */
  queuedSinceMs?: number;
  /** Since when the oldest message that was put off is late; absent when none was. */
  waitingSinceMs?: number;
}

/** The most messages that a look counts. */
export const LOOKED_AT = 250;

/**
 * Opens a link to send and one to receive, as the app does, and looks at the first messages.
 * @throws QueueUnavailableError when the queue is missing, or the identity may not send or receive
 */
export async function lookAtQueue(connect: () => ServiceBusClient, queue: string): Promise<QueueLook> {
  const client = connect();
  try {
    // The service says how large a batch may be only to who may send.
    await client.createSender(queue).createMessageBatch();
    const messages = await client.createReceiver(queue).peekMessages(LOOKED_AT);
    const queued = messages.filter(({ state }) => state !== 'scheduled').map(enqueuedAtMs);
    const waiting = messages.filter(({ state }) => state === 'scheduled').map(putOffAtMs);
    return {
      messages: messages.length,
      ...(queued.length > 0 && { queuedSinceMs: Math.min(...queued) }),
      ...(waiting.length > 0 && { waitingSinceMs: Math.min(...waiting) }),
    };
  } catch (error) {
    throw new QueueUnavailableError(error);
  } finally {
    await client.close();
  }
}

const enqueuedAtMs = ({ enqueuedTimeUtc }: ServiceBusReceivedMessage): number =>
  enqueuedTimeUtc?.getTime() ?? Number.POSITIVE_INFINITY;

/** When the event was first put off. */
const putOffAtMs = (message: ServiceBusReceivedMessage): number =>
  Number(message.applicationProperties?.['since'] ?? enqueuedAtMs(message));
