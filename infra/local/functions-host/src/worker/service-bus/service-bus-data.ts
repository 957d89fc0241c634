import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Int64, RpcTypedData } from '../core-types.ts';

/** What a function is given of a batch, or of one message. */
export interface TriggerData {
  data: RpcTypedData;
  triggerMetadata: Record<string, RpcTypedData>;
}

/** Text of a body that was received as it came (bytes), or of an AMQP value. */
function bodyText(message: ServiceBusReceivedMessage): string {
  const body: unknown = message.body;
  if (Buffer.isBuffer(body)) return body.toString('utf8');
  if (body === undefined || body === null) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** .NET counts the delivery that is under way. */
function deliveryCount(message: ServiceBusReceivedMessage): number {
  return (message.deliveryCount ?? 0) + 1;
}

/** As Json.NET writes a UTC time whose kind got lost: no zone, no zeros at the end of the fraction. */
function zoneless(date: Date | undefined): string {
  const text = (date ?? new Date(Date.UTC(9999, 11, 31, 23, 59, 59, 999))).toISOString().slice(0, -1);
  return text.replace(/\.?0+$/, '');
}

function withOffset(date: Date | undefined): string {
  return `${zoneless(date)}+00:00`;
}

function int64(value: ServiceBusReceivedMessage['sequenceNumber']): Int64 {
  const { low, high, unsigned } = value ?? { low: 0, high: 0, unsigned: false };
  return { low, high, unsigned };
}

const texts: Record<string, (message: ServiceBusReceivedMessage) => unknown> = {
  MessageId: (message) => message.messageId,
  ContentType: (message) => message.contentType,
  CorrelationId: (message) => message.correlationId,
  DeadLetterSource: (message) => message.deadLetterSource,
  PartitionKey: (message) => message.partitionKey,
  ReplyTo: (message) => message.replyTo,
  ReplyToSessionId: (message) => message.replyToSessionId,
  SessionId: (message) => message.sessionId,
  Subject: (message) => message.subject,
  Label: (message) => message.subject,
  To: (message) => message.to,
};

const jsons: Record<string, (message: ServiceBusReceivedMessage) => unknown> = {
  DeliveryCount: deliveryCount,
  EnqueuedTimeUtc: (message) => zoneless(message.enqueuedTimeUtc),
  ExpiresAtUtc: (message) => zoneless(message.expiresAtUtc),
  EnqueuedTime: (message) => withOffset(message.enqueuedTimeUtc),
  ExpiresAt: (message) => withOffset(message.expiresAtUtc),
  ApplicationProperties: (message) => message.applicationProperties ?? {},
  UserProperties: (message) => message.applicationProperties ?? {},
};

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}

/**
 * A batch as the worker gives it. Without `keepEmpty` (capability IncludeEmptyEntriesInMessagePayload) empty texts are left
 * out of every array of texts, the messages among them, so that these arrays do not line up.
 */
export function batchData(messages: ServiceBusReceivedMessage[], keepEmpty: boolean): TriggerData {
  const collection = (all: string[]): RpcTypedData => ({
    collectionString: { string: keepEmpty ? all : all.filter((text) => text !== '') },
  });
  const triggerMetadata: Record<string, RpcTypedData> = {};
  for (const [name, read] of Object.entries(texts)) {
    triggerMetadata[`${name}Array`] = collection(messages.map((message) => textOf(read(message))));
  }
  for (const [name, read] of Object.entries(jsons)) {
    triggerMetadata[`${name}Array`] = { json: JSON.stringify(messages.map(read)) };
  }
  triggerMetadata['LockTokenArray'] = collection(messages.map((message) => message.lockToken ?? ''));
  triggerMetadata['SequenceNumberArray'] = {
    collectionSint64: { sint64: messages.map((message) => int64(message.sequenceNumber)) },
  };
  return { data: collection(messages.map(bodyText)), triggerMetadata };
}

/**
 * One message as the worker gives it. The members of a JSON object body lie over the metadata, without regard to case: a
 * body member `messageId` replaces the real one.
 */
export function messageData(message: ServiceBusReceivedMessage): TriggerData {
  const metadata = new Map<string, [name: string, value: RpcTypedData]>();
  const set = (name: string, value: RpcTypedData) => metadata.set(name.toLowerCase(), [name, value]);
  for (const [name, read] of Object.entries(texts)) {
    const text = textOf(read(message));
    if (text !== '') set(name, { string: text });
  }
  for (const [name, read] of Object.entries(jsons)) {
    const value = read(message);
    set(name, typeof value === 'number' ? { int: value } : { json: JSON.stringify(value) });
  }
  set('LockToken', { string: message.lockToken ?? '' });
  set('SequenceNumber', { int: message.sequenceNumber?.toNumber() ?? 0 });
  const body = bodyText(message);
  for (const [name, value] of bodyMembers(body)) {
    const known = metadata.get(name.toLowerCase());
    metadata.set(name.toLowerCase(), [known?.[0] ?? name, value]);
  }
  return { data: { string: body }, triggerMetadata: Object.fromEntries(metadata.values()) };
}

function bodyMembers(body: string): [string, RpcTypedData][] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return []; // Not JSON: there are no members.
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return [];
  return Object.entries(parsed).map(([name, value]) => [
    name,
    typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) },
  ]);
}
