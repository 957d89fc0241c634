import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { brokerWith, clientOf } from './setup.ts';

describe('sending', () => {
  test('a message comes back as it went', async () => {
    const client = clientOf(await brokerWith());
    const sent = {
      body: { text: 'ä', list: [1, 2] },
      messageId: 'm-1',
      correlationId: 'c',
      contentType: 'application/json',
      subject: 's',
      to: 't',
      replyTo: 'r',
      partitionKey: 'p',
      timeToLive: 60_000,
      applicationProperties: { text: 'x', number: 3, yes: true },
    };
    await client.createSender('q').sendMessages(sent);
    const [got] = await client.createReceiver('q').receiveMessages(1);
    expect(got).toMatchObject({ ...sent, deliveryCount: 0, state: 'active' });
    expect(got?.expiresAtUtc?.getTime()).toBe((got?.enqueuedTimeUtc?.getTime() ?? 0) + 60_000);
  });

  test.each([0, 1, 100])('a batch of %d messages keeps its order', async (count) => {
    const broker = await brokerWith();
    const client = clientOf(broker);
    await client.createSender('q').sendMessages(Array.from({ length: count }, (_, n) => ({ body: n })));
    expect(broker.counts('q').active).toBe(count);
    const peeked = await client.createReceiver('q').peekMessages(200);
    expect(peeked.map(({ body }) => body)).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  test('a message beyond the size limit is refused, and the link lives on', async () => {
    const broker = await brokerWith();
    const sender = clientOf(broker).createSender('q');
    await expect(sender.sendMessages({ body: Buffer.alloc(300_000) })).rejects.toMatchObject({
      code: 'MessageSizeExceeded',
    });
    await sender.sendMessages({ body: Buffer.alloc(250_000, 7), messageId: 'm' });
    expect(broker.counts('q').active).toBe(1);
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(262_144);
  });

  test('200 kB come back whole', async () => {
    const client = clientOf(await brokerWith());
    const body = Buffer.from(Array.from({ length: 200_000 }, (_, n) => n % 251));
    await client.createSender('q').sendMessages({ body, messageId: 'm' });
    const [got] = await client.createReceiver('q').receiveMessages(1);
    expect(Buffer.compare(got?.body, body)).toBe(0);
  });

  test('a full queue refuses', async () => {
    const sender = clientOf(await brokerWith({ maxBytes: 2_000 })).createSender('q');
    await sender.sendMessages({ body: Buffer.alloc(1_000) });
    await expect(sender.sendMessages({ body: Buffer.alloc(1_000) })).rejects.toMatchObject({ code: 'QuotaExceeded' });
  });

  test('an unknown queue, and the dead letters, cannot be sent to', async () => {
    const client = clientOf(await brokerWith());
    await expect(client.createSender('nowhere').sendMessages({ body: 1 })).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
    await expect(client.createReceiver('nowhere').receiveMessages(1)).rejects.toMatchObject({
      code: 'MessagingEntityNotFound',
    });
    await expect(client.createSender('q/$DeadLetterQueue').sendMessages({ body: 1 })).rejects.toThrow();
  });
});

describe('duplicate detection', () => {
  test('the second message of an id is accepted and dropped, until the window is over', async () => {
    const clock = new ManualClock();
    const broker = await brokerWith({ duplicateWindowMs: 600_000 }, { clock });
    const sender = clientOf(broker).createSender('q');
    const counts: number[] = [];
    for (const wait of [0, 0, 599_999, 1]) {
      await clock.pass(wait);
      await sender.sendMessages({ body: 1, messageId: 'm' });
      counts.push(broker.counts('q').active);
    }
    expect(counts).toEqual([1, 1, 1, 2]);
    await sender.sendMessages([{ body: 1, messageId: 'a' }, { body: 2, messageId: 'a' }, { body: 3 }, { body: 4 }]);
    expect(broker.counts('q').active).toBe(5);
    await sender.scheduleMessages({ body: 1, messageId: 'm' }, new Date(clock.now() + 60_000));
    expect(broker.counts('q').scheduled).toBe(0);
  });

  test('without it, both stay', async () => {
    const broker = await brokerWith();
    const sender = clientOf(broker).createSender('q');
    for (let i = 0; i < 2; i++) await sender.sendMessages({ body: 1, messageId: 'm' });
    expect(broker.counts('q').active).toBe(2);
  });
});

describe('time', () => {
  test.each([
    ['message', { timeToLive: 1_000 }, Infinity],
    ['queue', {}, 1_000],
    ['shorter of both', { timeToLive: 60_000 }, 1_000],
  ])('the life that the %s names ends: dropped, or dead-lettered', async (_, message, defaultTtlMs) => {
    for (const deadLetterOnExpiry of [false, true]) {
      const clock = new ManualClock();
      const broker = await brokerWith({ defaultTtlMs, deadLetterOnExpiry }, { clock });
      const client = clientOf(broker);
      await client.createSender('q').sendMessages({ body: 1, messageId: 'm', ...message });
      await clock.pass(999);
      expect(broker.counts('q').active).toBe(1);
      await clock.pass(1);
      expect(broker.counts('q')).toMatchObject({ active: 0, deadLettered: deadLetterOnExpiry ? 1 : 0 });
      if (!deadLetterOnExpiry) continue;
      const [dead] = await client.createReceiver('q', { subQueueType: 'deadLetter' }).receiveMessages(1);
      expect(dead?.deadLetterReason).toBe('TTLExpiredException');
    }
  });

  test('a locked message outlives its time and can be completed; given back, it expires', async () => {
    const clock = new ManualClock();
    const broker = await brokerWith({ lockDurationMs: 60_000 }, { clock });
    const client = clientOf(broker);
    await client.createSender('q').sendMessages([1, 2].map((n) => ({ body: n, timeToLive: 1_000, messageId: `${n}` })));
    const receiver = client.createReceiver('q', { maxAutoLockRenewalDurationInMs: 0 });
    const [one, two] = await receiver.receiveMessages(2);
    await clock.pass(5_000);
    if (!one || !two) throw new Error('both messages should have come');
    await receiver.completeMessage(one);
    await receiver.abandonMessage(two);
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 0, deadLettered: 0 });
  });

  test.each(['annotation', '$management'])('scheduled by %s: appended when due, with a new number', async (how) => {
    const clock = new ManualClock();
    const broker = await brokerWith({}, { clock });
    const client = clientOf(broker);
    const sender = client.createSender('q');
    const due = new Date(clock.now() + 60_000);
    if (how === 'annotation') await sender.sendMessages({ body: 'later', scheduledEnqueueTimeUtc: due });
    else await sender.scheduleMessages({ body: 'later' }, due);
    await sender.sendMessages({ body: 'now' });
    const receiver = client.createReceiver('q');
    expect((await receiver.peekMessages(5)).map(({ body, state }) => [body, state])).toEqual([
      ['later', 'scheduled'],
      ['now', 'active'],
    ]);
    await clock.pass(60_000);
    const peeked = await clientOf(broker).createReceiver('q').peekMessages(5);
    expect(peeked.map(({ body, sequenceNumber }) => [body, Number(sequenceNumber)])).toEqual([
      ['now', 2],
      ['later', 3],
    ]);
  });

  test('scheduled messages can be cancelled, once; a past time means now', async () => {
    const broker = await brokerWith();
    const sender = clientOf(broker).createSender('q');
    const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], new Date(Date.now() + 60_000));
    await sender.cancelScheduledMessages(numbers);
    expect(broker.counts('q').scheduled).toBe(0);
    await expect(sender.cancelScheduledMessages(numbers)).rejects.toMatchObject({ code: 'MessageNotFound' });
    await sender.scheduleMessages({ body: 3 }, new Date(Date.now() - 1_000));
    expect(broker.counts('q').active).toBe(1);
  });
});
