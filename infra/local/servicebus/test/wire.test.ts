import { once } from 'node:events';
import rhea from 'rhea';
import { describe, expect, test } from 'vitest';
import { brokerWith, clientOf, closing } from './setup.ts';

/** A plain AMQP client, which stands for those of other languages. */
async function amqp(port: number, options: object = {}) {
  const connection = rhea
    .create_container()
    .connect({ port, host: '127.0.0.1', username: 'local', reconnect: false, ...options });
  await once(connection, 'connection_open');
  closing({
    close: async () => {
      connection.close();
      await Promise.race([once(connection, 'connection_close'), once(connection, 'disconnected')]);
    },
  });
  return connection;
}

describe('other clients', () => {
  test.each([
    ['ANONYMOUS', {}],
    ['PLAIN', { password: 'any' }],
    ['no SASL', { username: undefined }],
  ])('connect with %s', async (_, options) => {
    const broker = await brokerWith();
    expect((await amqp(broker.port, options)).is_open()).toBe(true);
  });

  test.each(['q', '/q', 'Q', 'amqps://host/q', 'sb://127.0.0.1:5672/Q'])('the address %s', async (address) => {
    const broker = await brokerWith();
    const connection = await amqp(broker.port);
    const sender = connection.open_sender(address);
    await once(sender, 'sendable');
    sender.send({ body: 'x' });
    await once(sender, 'accepted');
    expect(broker.counts('q').active).toBe(1);
    expect(Number(sender.max_message_size)).toBe(262_144);
  });

  test('application properties and 200 kB in small frames come back, also after an abandon', async () => {
    const broker = await brokerWith();
    const connection = await amqp(broker.port, { max_frame_size: 512 });
    const { types } = rhea;
    const sender = connection.open_sender('/q');
    await once(sender, 'sendable');
    const application_properties = {
      int: types.wrap_int(5),
      long: types.wrap_long(6),
      uuid: types.wrap_uuid(Buffer.alloc(16, 7)),
      short: types.wrap_short(8),
    };
    sender.send({
      message_id: 0 as never,
      application_properties: application_properties as never,
      body: rhea.message.data_section(Buffer.alloc(200_000, 1)),
    });
    await once(sender, 'accepted');
    const client = clientOf(broker);
    const receiver = client.createReceiver('q', { maxAutoLockRenewalDurationInMs: 0 });
    const [first] = await receiver.receiveMessages(1);
    if (!first) throw new Error('a message should have come');
    await receiver.abandonMessage(first, { more: 1 });
    const raw = connection.open_receiver({ source: '/q', autoaccept: false, credit_window: 1 });
    const [{ message }] = await once(raw, 'message');
    expect(message.application_properties).toMatchObject({
      int: 5,
      long: 6,
      uuid: Buffer.alloc(16, 7),
      short: 8,
      more: 1,
    });
    expect([message.message_id, message.delivery_count, message.body.content.length]).toEqual([0, 1, 200_000]);
  });

  test('one name for two directions, and a link without credit that holds up no other', async () => {
    const broker = await brokerWith();
    const connection = await amqp(broker.port);
    connection.open_receiver({ source: 'q', name: 'idle', credit_window: 0 });
    const receiver = connection.open_receiver({ source: 'q', name: 'other' });
    const sender = (await amqp(broker.port)).open_sender({ target: 'q', name: 'other' });
    await once(sender, 'sendable');
    sender.send({ body: 'x' });
    const [{ message }] = await once(receiver, 'message');
    expect(message.body).toBe('x');
  });
});
