import rhea, { type Typed } from 'rhea';
import { settlementError } from './amqp-error.ts';
import { parseMessage, withoutBody } from './content.ts';
import { encodeMessage } from './encode-message.ts';
import type { Entry } from './entry.ts';
import { tokenToUuid, uuidToToken } from './lock-token.ts';
import type { Outcome } from './outcome.ts';
import { propertiesOf } from './receiving.ts';
import type { Reply, ReplyKeys, Request } from './request-node.ts';
import type { ServedQueue } from './served-queue.ts';
import { stampOf } from './stamp.ts';
import { entriesOf, plain } from './typed.ts';

const { types } = rhea;

export const managementKeys: ReplyKeys = {
  status: 'statusCode',
  description: 'statusDescription',
  condition: 'errorCondition',
};

/** A peek answers with at most this many bytes of messages (and at least one message). */
const peekBytes = 1 << 20;
/** AMQP type codes of array elements: strict clients take an array and no list. */
const longCode = 0x81;
const timestampCode = 0x83;

type Fields = Map<string, Typed>;
type Operation = (served: ServedQueue, fields: Fields, limits: { maxMessageBytes: number }) => Reply;

const ok = (body: Record<string, Typed> = {}): Reply => ({
  status: 200,
  description: 'OK',
  body: types.wrap_map(body),
});
const noContent: Reply = { status: 204, description: 'No messages' };
const badRequest = (description: string): Reply => ({
  status: 400,
  description,
  condition: 'com.microsoft:argument-error',
});
const notFound = (description: string): Reply => ({
  status: 404,
  description,
  condition: 'com.microsoft:message-not-found',
});

function lockLost(): Reply {
  const error = settlementError('lock-lost');
  return { status: 410, description: error?.description ?? '', condition: error?.condition ?? '' };
}

const operations: Record<string, Operation> = {
  'com.microsoft:renew-lock': renewLock,
  'com.microsoft:peek-message': peekMessage,
  'com.microsoft:schedule-message': scheduleMessage,
  'com.microsoft:cancel-scheduled-message': cancelScheduled,
  'com.microsoft:receive-by-sequence-number': receiveBySequenceNumber,
  'com.microsoft:update-disposition': updateDisposition,
  'com.microsoft:batch-delete-messages': deleteMessages,
};

/** Answers a request to `<queue>/$management`. */
export function answerManagement(served: ServedQueue, request: Request, maxMessageBytes: number): Reply {
  const operation = Object.hasOwn(operations, request.operation) ? operations[request.operation] : undefined;
  if (!operation) {
    return {
      status: 501,
      description: `The operation '${request.operation}' is not known here.`,
      condition: 'amqp:not-implemented',
    };
  }
  return operation(served, entriesOf(request.body), { maxMessageBytes });
}

function renewLock(served: ServedQueue, fields: Fields): Reply {
  const tokens = tokensOf(fields);
  if (!tokens) return badRequest("'lock-tokens' must be an array of uuid.");
  const ends = served.act((queue, now) => queue.renew(tokens, now));
  if (!ends) return lockLost();
  return ok({ expirations: types.wrap_array(ends, timestampCode, undefined) });
}

function peekMessage(served: ServedQueue, fields: Fields): Reply {
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
    if (messages.length > 0 && bytes > peekBytes) break;
    messages.push(message);
  }
  return messages.length === 0
    ? noContent
    : ok({ messages: list(messages.map((message) => ({ message: binary(message) }))) });
}

function scheduleMessage(served: ServedQueue, fields: Fields, limits: { maxMessageBytes: number }): Reply {
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
    return ok({ 'sequence-numbers': types.wrap_array(numbers, longCode, undefined) });
  });
}

function cancelScheduled(served: ServedQueue, fields: Fields): Reply {
  const numbers = sequenceNumbers(fields);
  if (!numbers) return badRequest("'sequence-numbers' must be an array of long.");
  const cancelled = served.act((queue) => queue.cancelScheduled(numbers));
  return cancelled ? ok() : notFound('A scheduled message with this sequence number was not found.');
}

function receiveBySequenceNumber(served: ServedQueue, fields: Fields): Reply {
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

function updateDisposition(served: ServedQueue, fields: Fields): Reply {
  const tokens = tokensOf(fields);
  if (!tokens) return badRequest("'lock-tokens' must be an array of uuid.");
  const outcome = outcomeOf(fields);
  if (!outcome) return badRequest("'disposition-status' must be completed, abandoned, suspended or defered.");
  const results = served.act((queue, now) => tokens.map((token) => queue.settle(token, outcome, now)));
  if (results.includes('lock-lost')) return lockLost();
  const error = settlementError(results.find((result) => result !== 'settled') ?? 'settled');
  return error ? { status: 400, ...error } : ok();
}

function outcomeOf(fields: Fields): Outcome | undefined {
  const properties = propertiesOf(entriesOf(fields.get('properties-to-modify')));
  switch (plain(fields.get('disposition-status'))) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    case 'defered': // The protocol spells it so.
      return { kind: 'defer', properties };
    case 'suspended': {
      const [reason, description] = [text(fields, 'deadletter-reason'), text(fields, 'deadletter-description')];
      return { kind: 'dead-letter', reason, description, properties };
    }
    default:
      return undefined;
  }
}

function deleteMessages(served: ServedQueue, fields: Fields): Reply {
  const count = number(fields, 'message-count');
  const before = plain(fields.get('enqueued-time-utc'));
  if (count === undefined || !(before instanceof Date))
    return badRequest("'message-count' and 'enqueued-time-utc' are needed.");
  const deleted = served.act((queue) => queue.deleteBatch(count, before.getTime()));
  return deleted === 0 ? noContent : ok({ 'message-count': types.wrap_int(deleted) });
}

function tokensOf(fields: Fields): string[] | undefined {
  const uuids = plain(fields.get('lock-tokens'));
  const tokens = Array.isArray(uuids) ? uuids.map(uuidToToken) : [];
  return tokens.length > 0 && tokens.every((token) => token !== undefined) ? tokens : undefined;
}

function sequenceNumbers(fields: Fields): number[] | undefined {
  const numbers = plain(fields.get('sequence-numbers'));
  // A long beyond 2^53 comes as bytes: no message has such a number.
  return Array.isArray(numbers) && numbers.length > 0
    ? numbers.map((each) => (typeof each === 'number' ? each : -1))
    : undefined;
}

function number(fields: Fields, name: string): number | undefined {
  const value = plain(fields.get(name));
  return typeof value === 'number' ? value : undefined;
}

function text(fields: Fields, name: string): string | undefined {
  const value = plain(fields.get(name));
  return typeof value === 'string' ? value : undefined;
}

const binary = (bytes: Buffer): Typed => types.wrap_binary(bytes);
const list = (maps: Record<string, Typed>[]): Typed => types.wrap_list(maps);
