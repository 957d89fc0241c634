import { expect, test } from 'vitest';
import { randomFrom } from '../../infra/local/model/src/random.ts';
import { brokerWith, clientOf } from '../../infra/local/servicebus/test/setup.ts';
import { attackAmqp } from './amqp-attack.ts';
import { TARGET } from './amqp-frames.ts';

/** Connections of `npm run fuzz` that once ended the broker's process: seed, family and number of the connection. */
const seeds = ['1795767441273/amqp/16166'];

test.each(seeds)('the connection %s ends only itself', async (seed) => {
  const broker = await brokerWith({}, { config: { queues: [{ name: TARGET }, { name: 'q' }] } });
  const client = clientOf(broker);
  await attackAmqp(broker.port, randomFrom(seed));
  await client.createSender('q').sendMessages({ body: 1, messageId: '1' });
  expect(await client.createReceiver('q').receiveMessages(1)).toMatchObject([{ body: 1 }]);
});
