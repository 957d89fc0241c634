import type { ServiceBusClient, ServiceBusMessage, ServiceBusMessageBatch } from '@azure/service-bus';
import { EventTooLargeError } from '../events/errors.ts';
import { messageId, type QueuedEvent, toMessage } from '../events/queued-event.ts';

export interface QueueMessage {
  outgoing: QueuedEvent;
  /** Other than the usual one. */
  id?: string;
}

/** The sending side of the queue. */
export interface UsageQueue {
  /**
   * Resolves when Service Bus has acknowledged all of them. Rejects when one was not: then some may be in the queue
   * nevertheless, and sending them again is safe, because duplicate detection knows their ids.
   */
  send(messages: QueueMessage[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the queue. The first send opens the connection. */
export function openUsageQueue(client: ServiceBusClient, queue: string): UsageQueue {
  const sender = client.createSender(queue);
  return {
    async send(messages) {
      let batch: ServiceBusMessageBatch | undefined;
      for (const { outgoing, id = messageId(outgoing) } of messages) {
        const message: ServiceBusMessage = toMessage(outgoing, id);
        batch ??= await sender.createMessageBatch();
        if (batch.tryAddMessage(message)) continue;
        if (batch.count > 0) await sender.sendMessages(batch);
        batch = await sender.createMessageBatch();
        if (!batch.tryAddMessage(message)) throw new EventTooLargeError(outgoing.event.eventId);
      }
      if (batch && batch.count > 0) await sender.sendMessages(batch);
    },
    close: () => sender.close(),
  };
}
