import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import { QueueUnavailableError } from '../events/errors.ts';
import type { Received } from '../events/queued-event.ts';

export interface PeekedMessage {
  eventId: string;
  state: 'queued' | 'waiting';
  /** As the message's properties say; `unknown` for any other message. */
  kind: 'usage' | 'kpi' | 'unknown';
  useCaseName: string | undefined;
  /** As it lies there. */
  body: unknown;
  /** When it came to the queue, or was first put off: ms, UTC. */
  sinceMs: number;
}

/** A message that the queue dead-lettered. */
export interface BrokerDeadLetter extends Received {
  code: string;
  reason: string;
  atMs: number;
}

/** Looks into the queue. A look that Service Bus does not give ends in QueueUnavailableError (503). */
export interface QueueBrowser {
  /** Every message, also those that are locked or scheduled; changes nothing. */
  messages(): AsyncIterable<PeekedMessage>;
  /** What lies in the queue's own dead letters; changes nothing. */
  peekDeadLetters(): AsyncIterable<BrokerDeadLetter>;
  /** Takes them from there, each group after `keep` has kept it. @returns how many */
  takeDeadLetters(keep: (letters: BrokerDeadLetter[]) => Promise<void>): Promise<number>;
}

const PAGE = 250;
const TAKEN_AT_ONCE = 100;
/** The SDK waits this long for a first message, then 1 s for more. */
const WAIT_MS = 500;

/** @param connect a client of its own for each look: the SDK goes on where the last look of a client ended */
export function openQueueBrowser(connect: () => ServiceBusClient, queue: string): QueueBrowser {
  async function* peek(path: { subQueueType?: 'deadLetter' }): AsyncIterable<ServiceBusReceivedMessage> {
    const client = connect();
    const receiver = client.createReceiver(queue, path);
    try {
      for (;;) {
        const messages = await receiver.peekMessages(PAGE).catch(unavailable);
        yield* messages;
        if (messages.length === 0) return;
      }
    } finally {
      await client.close();
    }
  }

  return {
    async *messages() {
      for await (const message of peek({})) {
        yield peeked(message);
      }
    },
    async *peekDeadLetters() {
      for await (const message of peek({ subQueueType: 'deadLetter' })) yield brokerLetter(message);
    },
    async takeDeadLetters(keep) {
      const client = connect();
      const receiver = client.createReceiver(queue, { subQueueType: 'deadLetter' });
      let taken = 0;
      try {
        for (;;) {
          const messages = await receiver
            .receiveMessages(TAKEN_AT_ONCE, { maxWaitTimeInMs: WAIT_MS })
            .catch(unavailable);
          if (messages.length === 0) return taken;
          await keep(messages.map(brokerLetter));
          // One that is not completed comes again when its lock ends; `keep` knows it then.
          await Promise.all(messages.map((message) => receiver.completeMessage(message))).catch(unavailable);
          taken += messages.length;
        }
      } finally {
        await client.close();
      }
    },
  };
}

function unavailable(cause: unknown): never {
  throw new QueueUnavailableError(cause);
}

function eventIdOf({ body, messageId }: ServiceBusReceivedMessage): string {
  const eventId = (body as { eventId?: unknown } | null)?.eventId;
  return typeof eventId === 'string'
    ? eventId
    : String(messageId ?? '')
        .split('.', 1)
        .join();
}

function peeked(message: ServiceBusReceivedMessage): PeekedMessage {
  const { subject, applicationProperties, enqueuedTimeUtc, state } = message;
  const kind = applicationProperties?.['kind'];
  const since = applicationProperties?.['since'];
  return {
    eventId: eventIdOf(message),
    state: state === 'scheduled' ? 'waiting' : 'queued',
    kind: kind === 'usage' || kind === 'kpi' ? kind : 'unknown',
    useCaseName: subject,
    body: message.body as unknown,
    sinceMs: typeof since === 'number' ? since : (enqueuedTimeUtc?.getTime() ?? 0),
  };
}

function brokerLetter(message: ServiceBusReceivedMessage): BrokerDeadLetter {
  return {
    body: message.body as unknown,
    messageId: String(message.messageId ?? `number-${message.sequenceNumber?.toString() ?? ''}`),
    redelivered: true,
    properties: message.applicationProperties ?? {},
    code: message.deadLetterReason ?? 'dead_lettered_by_the_queue',
    reason: message.deadLetterErrorDescription ?? 'The queue gave no reason.',
    atMs: message.enqueuedTimeUtc?.getTime() ?? 0,
  };
}
