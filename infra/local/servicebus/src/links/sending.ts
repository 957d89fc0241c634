import type { Typed } from 'rhea';
import { MalformedError } from '../amqp/amqp-bytes.ts';
import { type AmqpError, type IncomingDelivery, type Link, outcomes } from '../amqp/rhea-internals.ts';
import { batchedMessages } from '../messages/batch.ts';
import { type Content, parseMessage } from '../messages/content.ts';
import type { ServedQueue } from '../queue/served-queue.ts';

const BATCH_FORMAT = 0x8001_3700;
const CREDIT_WINDOW = 1_000;
const accepted = outcomes.accepted().described();

interface MessageContext {
  message: Buffer;
  delivery: IncomingDelivery;
}

/**
 * Serves a link on which a client sends. One transfer is stored whole or not at all, a batch with all its messages.
 * @param maxMessageBytes what the link announces and keeps to; the JavaScript client checks it for batches only
 * @param cut ends the client's connection without a word
 */
export function serveSender(link: Link, served: ServedQueue, maxMessageBytes: number, cut: () => void): void {
  link.local.attach.max_message_size = maxMessageBytes;
  link.add_credit(CREDIT_WINDOW);
  link.on('message', ({ message, delivery }: MessageContext) => {
    const error = store(served, message, delivery, maxMessageBytes);
    if (!error && served.faults.strikes('cutAfterSend')) cut();
    if (link.credit <= CREDIT_WINDOW / 2) link.add_credit(CREDIT_WINDOW - link.credit);
    // The peer of a settled transfer wants no answer.
    if (delivery.remote_settled) delivery.settled = true;
    else delivery.update(true, error ? rejection(error) : accepted);
  });
}

const rejection = (error: AmqpError): Typed => outcomes.rejected({ error }).described();

function store(served: ServedQueue, bytes: Buffer, delivery: IncomingDelivery, limit: number): AmqpError | undefined {
  if (bytes.length > limit) return tooLarge(delivery.id, bytes.length, limit);
  if (served.faults.strikes('serverBusy')) {
    return { condition: 'com.microsoft:server-busy', description: 'The server is busy. Please wait and try again.' };
  }
  let contents: Content[];
  try {
    contents = delivery.format === BATCH_FORMAT ? batchedMessages(bytes).map(parseMessage) : [parseMessage(bytes)];
  } catch (error) {
    if (error instanceof MalformedError) return { condition: error.condition, description: error.message };
    throw error;
  }
  return storeAll(served, contents);
}

/** Stores the messages in one step. */
function storeAll(served: ServedQueue, contents: readonly Content[]): AmqpError | undefined {
  return served.act((queue, now) => {
    if (!queue.hasRoomFor(contents)) {
      return {
        condition: 'amqp:resource-limit-exceeded',
        description: `The queue '${served.name}' has reached its size limit.`,
      };
    }
    for (const content of contents) {
      queue.send(content, now);
      if (served.faults.strikes('duplicate')) queue.send(content, now, { evenIfSeen: true });
    }
    return undefined;
  });
}

function tooLarge(id: number, bytes: number, limit: number): AmqpError {
  return {
    condition: 'amqp:link:message-size-exceeded',
    description: `The received message (delivery-id:${id}, size:${bytes} bytes) exceeds the limit (${limit} bytes) currently allowed on the link.`,
  };
}
