import rhea, { type Typed } from 'rhea';
import { plain } from '../amqp/typed.ts';
import type { Reply } from '../links/request-node.ts';
import { parseMessage, withoutBody } from '../messages/content.ts';
import { encodeMessage } from '../messages/encode-message.ts';
import { stampOf } from '../messages/stamp.ts';
import type { Entry } from '../queue/entry.ts';
import { tokenToUuid } from '../queue/lock-token.ts';
import type { ServedQueue } from '../queue/served-queue.ts';
import { type Fields, number, sequenceNumbers } from './fields.ts';
import { badRequest, noContent, notFound, ok } from './replies.ts';

const { types } = rhea;

/** A peek answers with at most this many bytes of messages (and at least one message). */
const PEEK_BYTES = 1 << 20;
/** AMQP type code of array elements: strict clients take an array and no list. */
const LONG_CODE = 0x81;

export function peekMessage(served: ServedQueue, fields: Fields): Reply {
  const from = number(fields, 'from-sequence-number');
  const count = number(fields, 'message-count');
  if (from === undefined || count === undefined)
    return badRequest("'from-sequence-number' and 'message-count' are needed.");
  const omit = plain(fields.get('omit-message-body')) === true;
  const messages: Buffer[] = [];
  let bytes = 0;
  for (const entry of served.act((queue) => queue.peek(from, count))) {
    const message = encodeMessage(omit ? withoutBody(entry.content) : entry.content, stampOf(entry, true));
    bytes += message.length;
    if (messages.length > 0 && bytes > PEEK_BYTES) break;
    messages.push(message);
  }
  return messages.length === 0
    ? noContent
    : ok({ messages: list(messages.map((message) => ({ message: binary(message) }))) });
}

export function scheduleMessage(served: ServedQueue, fields: Fields, limits: { maxMessageBytes: number }): Reply {
  const given = plain(fields.get('messages'));
  if (!Array.isArray(given)) return badRequest("'messages' must be a list of maps.");
  const encoded = given.map((each: { message?: unknown } | null) => each?.message);
  if (!encoded.every((message) => Buffer.isBuffer(message)))
    return badRequest("Each of 'messages' needs its 'message' as binary.");
  const tooLarge = encoded.find((message) => message.length > limits.maxMessageBytes);
  if (tooLarge) {
    const description = `A message of ${tooLarge.length} bytes exceeds the limit of ${limits.maxMessageBytes} bytes.`;
    return { status: 403, description, condition: 'amqp:link:message-size-exceeded' };
  }
  const contents = encoded.map((message) => parseMessage(message));
  return served.act((queue, now) => {
    if (!queue.hasRoomFor(contents)) {
      return {
        status: 403,
        description: 'The queue has reached its size limit.',
        condition: 'amqp:resource-limit-exceeded',
      };
    }
    // A duplicate is accepted and dropped: it has no number that could be cancelled.
    const numbers = contents.map((content) => {
      const sent = queue.send(content, now);
      return sent.kind === 'stored' ? sent.sequenceNumber : 0;
    });
    return ok({ 'sequence-numbers': types.wrap_array(numbers, LONG_CODE, undefined) });
  });
}

export function cancelScheduled(served: ServedQueue, fields: Fields): Reply {
  const numbers = sequenceNumbers(fields);
  if (!numbers) return badRequest("'sequence-numbers' must be an array of long.");
  const cancelled = served.act((queue) => queue.cancelScheduled(numbers));
  return cancelled ? ok() : notFound('A scheduled message with this sequence number was not found.');
}

export function receiveBySequenceNumber(served: ServedQueue, fields: Fields): Reply {
  const numbers = sequenceNumbers(fields);
  if (!numbers) return badRequest("'sequence-numbers' must be an array of long.");
  const deletes = number(fields, 'receiver-settle-mode') === 0;
  return served.act((queue, now) => {
    const entries = queue.takeDeferred(numbers, now);
    if (!entries) return notFound('Not all of these sequence numbers belong to deferred messages that are free.');
    const messages = entries.map((entry) => takenMessage(entry, deletes));
    if (deletes) for (const entry of entries) queue.settle(entry.lock?.token ?? '', { kind: 'complete' }, now);
    return ok({ messages: list(messages) });
  });
}

function takenMessage(entry: Entry, deletes: boolean): Record<string, Typed> {
  return {
    'lock-token': types.wrap_uuid(tokenToUuid(entry.lock?.token ?? '')),
    message: binary(encodeMessage(entry.content, stampOf(entry, deletes))),
  };
}

export function deleteMessages(served: ServedQueue, fields: Fields): Reply {
  const count = number(fields, 'message-count');
  const before = plain(fields.get('enqueued-time-utc'));
  if (count === undefined || !(before instanceof Date))
    return badRequest("'message-count' and 'enqueued-time-utc' are needed.");
  const deleted = served.act((queue) => queue.deleteBatch(count, before.getTime()));
  return deleted === 0 ? noContent : ok({ 'message-count': types.wrap_int(deleted) });
}

const binary = (bytes: Buffer): Typed => types.wrap_binary(bytes);
const list = (maps: Record<string, Typed>[]): Typed => types.wrap_list(maps);
