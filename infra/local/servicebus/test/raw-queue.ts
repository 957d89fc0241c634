import type { Broker } from '../src/broker.ts';
import { data } from './amqp.ts';
import { RawClient, type RawDelivery } from './raw-client.ts';
import { clientOf } from './setup.ts';

/** A message of this text. */
export const text = (content: string) => data(Buffer.from(content));
/** A message of so many bytes, none like its neighbour. */
export const big = (bytes: number) => data(Buffer.from(Array.from({ length: bytes }, (_, n) => n % 251)));

/** Sends so many messages to `q`. */
export async function fill(broker: Broker, count: number, body: (n: number) => unknown = (n) => n): Promise<void> {
  const sender = clientOf(broker).createSender('q');
  for (let at = 0; at < count; at += 1_000) {
    const some = Math.min(1_000, count - at);
    await sender.sendMessages(Array.from({ length: some }, (_, n) => ({ body: body(at + n), messageId: `${at + n}` })));
  }
}

/** A client with a receiving link on `q`, handle 0, that settles in two phases. */
export async function receiver(broker: Broker, options: Parameters<typeof RawClient.open>[1] = {}) {
  const client = await RawClient.open(broker.port, options);
  await client.attach({ name: 'r', handle: 0, source: '/q', sndSettleMode: 0, rcvSettleMode: 1 });
  return client;
}

/** The next deliveries of link 0. */
export async function deliveries(client: RawClient, count: number): Promise<RawDelivery[]> {
  const all: RawDelivery[] = [];
  for (let n = 0; n < count; n++) all.push(await client.delivery(0));
  return all;
}
