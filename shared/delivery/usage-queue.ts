import { DefaultAzureCredential } from '@azure/identity';
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusMessageBatch } from '@azure/service-bus';
import { EventTooLargeError } from './errors.ts';
import { messageId, type Outgoing, toMessage } from './outgoing.ts';

export interface QueueMessage {
  outgoing: Outgoing;
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

export interface ServiceBusOptions {
  connection?: string | undefined;
  /** With managed identity, e.g. `my-namespace.servicebus.windows.net`. */
  namespace?: string | undefined;
  /** Most that one send may take, in ms. */
  timeoutMs: number;
}

/** The SDK's default is to wait 30 s before each of 3 repeats; a caller waits for us. */
export function openServiceBus({ connection, namespace = '', timeoutMs }: ServiceBusOptions): ServiceBusClient {
  const options = {
    retryOptions: { maxRetries: 1, retryDelayInMs: 100, timeoutInMs: timeoutMs },
  };
  return connection !== undefined
    ? new ServiceBusClient(connection, options)
    : new ServiceBusClient(namespace, new DefaultAzureCredential(), options);
}

/** Opens the queue. The connection comes about with the first send. */
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
