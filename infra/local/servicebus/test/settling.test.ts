import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { brokerWith, clientOf } from './setup.ts';

const id = (messages: ServiceBusReceivedMessage[]) => messages.map(({ messageId }) => messageId);

describe('settling', () => {
  const over: Record<
    string,
    (receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) => Promise<ServiceBusReceivedMessage>
  > = {
    'the link': async (_, message) => message,
    // The lock of a deferred message is settled through $management.
    $management: async (receiver, message) => {
      await receiver.deferMessage(message);
      const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber as never);
      if (!deferred) throw new Error('the deferred message is gone');
      return deferred;
    },
  };
  for (const [way, take] of Object.entries(over)) {
    test.each([
      ['complete', { active: 0, deadLettered: 0 }],
      ['dead-letter', { active: 0, deadLettered: 1 }],
    ])(`%s over ${way}`, async (what, counts) => {
      const broker = await brokerWith();
      const client = clientOf(broker);
      await client.createSender('q').sendMessages({ body: 'x', messageId: 'm', applicationProperties: { kept: 1 } });
      const receiver = client.createReceiver('q');
      const [first] = await receiver.receiveMessages(1);
      const message = await take(receiver, first as ServiceBusReceivedMessage);
      if (what === 'complete') await receiver.completeMessage(message);
      else
        await receiver.deadLetterMessage(message, {
          deadLetterReason: 'why',
          deadLetterErrorDescription: 'because',
          more: true,
        });
      expect(broker.counts('q')).toEqual({ locked: 0, scheduled: 0, deferred: 0, ...counts });
      if (what !== 'dead-letter') return;
      const [dead] = await client.createReceiver('q', { subQueueType: 'deadLetter' }).receiveMessages(1);
      expect(dead).toMatchObject({
        messageId: 'm',
        sequenceNumber: first?.sequenceNumber,
        deadLetterReason: 'why',
        deadLetterErrorDescription: 'because',
        deadLetterSource: 'q',
        applicationProperties: { kept: 1, more: true },
      });
    });
  }

  test('abandon brings the message back at once, with its new properties and a delivery more', async () => {
    const client = clientOf(await brokerWith());
    await client
      .createSender('q')
      .sendMessages({ body: 'x', applicationProperties: { a: 1, b: 'old' }, messageId: 'm' });
    const receiver = client.createReceiver('q');
    for (const deliveryCount of [0, 1, 2]) {
      const [message] = await receiver.receiveMessages(1);
      expect(message?.deliveryCount).toBe(deliveryCount);
      await receiver.abandonMessage(message as ServiceBusReceivedMessage, { b: `try ${deliveryCount}` });
    }
    const [peeked] = await receiver.peekMessages(1);
    expect(peeked?.applicationProperties).toEqual({ a: 1, b: 'try 2' });
  });

  test('a message that was deferred comes only by its sequence number', async () => {
    const broker = await brokerWith();
    const client = clientOf(broker);
    await client.createSender('q').sendMessages([
      { body: 1, messageId: 'a' },
      { body: 2, messageId: 'b' },
    ]);
    const receiver = client.createReceiver('q');
    const [a] = await receiver.receiveMessages(1);
    await receiver.deferMessage(a as ServiceBusReceivedMessage, { later: true });
    expect(broker.counts('q')).toMatchObject({ active: 1, deferred: 1 });
    expect(id(await receiver.receiveMessages(2))).toEqual(['b']);
    const [deferred] = await receiver.receiveDeferredMessages(a?.sequenceNumber as never);
    expect(deferred).toMatchObject({ messageId: 'a', state: 'deferred', applicationProperties: { later: true } });
    await expect(receiver.receiveDeferredMessages(a?.sequenceNumber as never)).rejects.toMatchObject({
      code: 'MessageNotFound',
    });
  });

  test('a lock that is over: MessageLockLost over the link and in $management; the message comes again', async () => {
    const clock = new ManualClock();
    const client = clientOf(await brokerWith({ lockDurationMs: 60_000 }, { clock }));
    await client.createSender('q').sendMessages({ body: 'x', messageId: 'm' });
    const receiver = client.createReceiver('q', { maxAutoLockRenewalDurationInMs: 0 });
    const [message] = (await receiver.receiveMessages(1)) as [ServiceBusReceivedMessage];
    await clock.pass(59_000);
    expect((await receiver.renewMessageLock(message)).getTime()).toBe(clock.now() + 60_000);
    await clock.pass(59_999);
    await clock.pass(1);
    await expect(receiver.renewMessageLock(message)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await expect(receiver.completeMessage(message)).rejects.toMatchObject({ code: 'MessageLockLost' });
    expect((await receiver.receiveMessages(1))[0]).toMatchObject({ messageId: 'm', deliveryCount: 1 });
  });

  test.each(['abandon', 'lock end'])('the maximum delivery count, reached by %s, dead-letters', async (how) => {
    const clock = new ManualClock();
    const broker = await brokerWith({ maxDeliveryCount: 2, lockDurationMs: 60_000 }, { clock });
    const client = clientOf(broker);
    await client.createSender('q').sendMessages({ body: 'x', messageId: 'm' });
    const receiver = client.createReceiver('q', { maxAutoLockRenewalDurationInMs: 0 });
    for (let delivery = 0; delivery < 2; delivery++) {
      const [message] = (await receiver.receiveMessages(1)) as [ServiceBusReceivedMessage];
      if (how === 'abandon') await receiver.abandonMessage(message);
      else await clock.pass(60_000);
    }
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 0, deadLettered: 1 });
    const [dead] = await client.createReceiver('q', { subQueueType: 'deadLetter' }).receiveMessages(1);
    expect(dead).toMatchObject({
      deadLetterReason: 'MaxDeliveryCountExceeded',
      deadLetterErrorDescription: 'Message could not be consumed after 2 delivery attempts.',
      deliveryCount: 2,
    });
  });

  test('a settlement after a reconnect finds its lock', async () => {
    const broker = await brokerWith();
    // Its first try waits for an answer that never comes.
    const client = clientOf(broker, { retryOptions: { maxRetries: 2, retryDelayInMs: 20, timeoutInMs: 3_000 } });
    await client.createSender('q').sendMessages({ body: 'x', messageId: 'm' });
    const receiver = client.createReceiver('q');
    const [message] = (await receiver.receiveMessages(1)) as [ServiceBusReceivedMessage];
    broker.faults.dropConnections();
    await expect
      .poll(() =>
        receiver.completeMessage(message).then(
          () => 'settled',
          () => 'failed',
        ),
      )
      .toBe('settled');
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 0 });
  });

  test('receive and delete: gone once it was received; nothing to settle', async () => {
    const broker = await brokerWith();
    const client = clientOf(broker);
    await client.createSender('q').sendMessages([{ body: 1 }, { body: 2 }]);
    const got = await client.createReceiver('q', { receiveMode: 'receiveAndDelete' }).receiveMessages(2);
    expect(got.map(({ body, lockToken }) => [body, lockToken])).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 0 });
  });

  test('10,000 messages go through one receiver, with a first one that is held', async () => {
    const broker = await brokerWith({ lockDurationMs: 300_000 });
    const client = clientOf(broker);
    const sender = client.createSender('q');
    for (let at = 0; at < 10_001; at += 500) {
      const some = Math.min(500, 10_001 - at);
      await sender.sendMessages(Array.from({ length: some }, (_, i) => ({ body: 'x', messageId: `${at + i}` })));
    }
    const receiver = client.createReceiver('q', { maxAutoLockRenewalDurationInMs: 0 });
    const [held] = (await receiver.receiveMessages(1)) as [ServiceBusReceivedMessage];
    const others = clientOf(broker).createReceiver('q', { maxAutoLockRenewalDurationInMs: 0 });
    for (let got = 0; got < 10_000; ) {
      const some = await others.receiveMessages(Math.min(1_000, 10_000 - got));
      await Promise.all(some.map((message) => others.completeMessage(message)));
      got += some.length;
    }
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 1 });
    await receiver.completeMessage(held);
    expect(broker.counts('q')).toMatchObject({ locked: 0 });
  });
});
