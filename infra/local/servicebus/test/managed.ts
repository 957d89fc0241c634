import { expect } from 'vitest';
import { itemsOf, numberOf } from '../src/amqp/amqp-bytes.ts';
import type { Broker } from '../src/broker.ts';
import { tokenToUuid } from '../src/queue/lock-token.ts';
import { array, map, nothing, uuid } from './amqp.ts';
import { RawClient, requestPair } from './raw-client.ts';
import { applicationPropertiesOf, bodyOf, entries } from './read-message.ts';
import { brokerWith, clientOf } from './setup.ts';

/** Of the names of all operations. */
export const PREFIX = 'com.microsoft:';

/** The answer as a client with strict types reads it: `status` is undefined unless it is an int, `condition` unless it is a symbol. */
export function readAnswer(message: Buffer) {
  const { statusCode, errorCondition } = applicationPropertiesOf(message);
  const body = bodyOf(message);
  return {
    status: statusCode?.type === 'int' ? statusCode.value : undefined,
    condition: errorCondition?.type === 'symbol' ? errorCondition.value : undefined,
    body: body?.code === 0x77 ? entries(body.value) : {},
  };
}

/** The elements of an array, each with its type code in front again. */
export function elements(encoded: Buffer): { code: number; values: (number | undefined)[] } {
  expect(encoded[0]).toBe(0xf0);
  const count = encoded.readUInt32BE(5);
  const code = encoded.readUInt8(9);
  const width = (encoded.length - 10) / count;
  const values = Array.from({ length: count }, (_, n) =>
    numberOf(Buffer.concat([Buffer.from([code]), encoded.subarray(10 + n * width, 10 + (n + 1) * width)])),
  );
  return { code, values };
}

/** A client on a `$management` node, and a way to ask it for an operation. */
export async function managed(broker: Broker, address = '/q/$management') {
  const client = await RawClient.open(broker.port);
  const request = await requestPair(client, address, 0);
  const ask = async (operation: string, body: Buffer = map([])) => readAnswer(await request(PREFIX + operation, body));
  return { client, request, ask };
}

/** Locks messages of `q` and gives their tags. */
export async function locked(client: RawClient, count: number): Promise<Buffer[]> {
  await client.attach({ name: 'r', handle: 5, source: '/q', sndSettleMode: 0, rcvSettleMode: 1 });
  client.grant(5, count);
  const tags: Buffer[] = [];
  // The broker numbers its own handles: the third link of the session is 2 there.
  for (let n = 0; n < count; n++) tags.push((await client.delivery(2)).tag);
  return tags;
}

/** A broker with so many messages in `q`. */
export async function brokerOf(count: number, ...more: Parameters<typeof brokerWith>): Promise<Broker> {
  const broker = await brokerWith(...more);
  await clientOf(broker)
    .createSender('q')
    .sendMessages(Array.from({ length: count }, (_, n) => ({ body: n, messageId: `m${n}` })));
  return broker;
}

/** `lock-tokens` of one lock. */
export const lockToken = (tag: Buffer): [string, Buffer][] => [
  ['lock-tokens', array([uuid(tokenToUuid(tag.toString('latin1')))])],
];

/** The encoded messages of an answer: a list of maps, each with a `message` and perhaps a `lock-token`. */
export function messagesOf(body: Record<string, Buffer>): Buffer[] {
  const maps = itemsOf(body['messages'] ?? nothing, 0, body['messages']?.length ?? 1);
  return maps
    .map((each) => entries(each)['message'] as Buffer)
    .map((encoded) => encoded.subarray(encoded[0] === 0xa0 ? 2 : 5));
}
