import { describe, expect, test } from 'vitest';
import { brokerWith, clientOf } from './setup.ts';

describe('faults on demand', () => {
  test('server busy: the client tries again; more often than it tries: ServiceBusy', async () => {
    const broker = await brokerWith();
    const sender = clientOf(broker).createSender('q');
    broker.faults.serverBusy('q', 2);
    await sender.sendMessages({ body: 1 });
    expect(broker.counts('q').active).toBe(1);
    broker.faults.serverBusy('q', 3);
    const refused = await sender.sendMessages({ body: 2 }).catch((error) => error);
    expect(refused.errors.map(({ code }: { code: string }) => code)).toEqual([
      'ServiceBusy',
      'ServiceBusy',
      'ServiceBusy',
    ]);
    expect(broker.counts('q').active).toBe(1);
  });

  test('detached links and closed or cut connections: a subscription goes on', async () => {
    const broker = await brokerWith();
    const client = clientOf(broker);
    const sender = client.createSender('q');
    const got: unknown[] = [];
    const receiver = client.createReceiver('q');
    receiver.subscribe({
      processMessage: async ({ body }) => void got.push(body),
      processError: async () => undefined,
    });
    const faults = [
      () => undefined,
      () => broker.faults.detachLinks('q'),
      () => broker.faults.closeConnections(),
      () => broker.faults.dropConnections(),
    ];
    for (const [n, fault] of faults.entries()) {
      fault();
      // A send in the same moment would wait for its time-out on the dying link.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await expect
        .poll(() => sender.sendMessages({ body: n, messageId: `${n}` }).then(() => 'sent', String))
        .toBe('sent');
      await expect.poll(() => got.includes(n)).toBe(true);
    }
    await receiver.close();
  });

  test('a send whose answer is lost was stored; its repetition is a duplicate', async () => {
    const broker = await brokerWith({ duplicateWindowMs: 60_000 });
    const sender = clientOf(broker, {
      retryOptions: { maxRetries: 2, retryDelayInMs: 10, timeoutInMs: 2_000 },
    }).createSender('q');
    await sender.sendMessages({ body: 0, messageId: 'first' });
    broker.faults.cutAfterSend('q', 1);
    await sender.sendMessages({ body: 1, messageId: 'm' });
    expect(broker.counts('q').active).toBe(2);
  });

  test('messages can be doubled past duplicate detection', async () => {
    const broker = await brokerWith({ duplicateWindowMs: 60_000 });
    broker.faults.duplicateNext('q', 1);
    const client = clientOf(broker);
    await client.createSender('q').sendMessages([
      { body: 1, messageId: 'a' },
      { body: 2, messageId: 'b' },
    ]);
    const got = await client.createReceiver('q').receiveMessages(3);
    expect(got.map(({ messageId }) => messageId)).toEqual(['a', 'a', 'b']);
  });

  test('dropped locks: settling says MessageLockLost, the message comes again', async () => {
    const broker = await brokerWith();
    const client = clientOf(broker);
    await client.createSender('q').sendMessages({ body: 1, messageId: 'm' });
    const receiver = client.createReceiver('q');
    const [message] = await receiver.receiveMessages(1);
    broker.faults.dropLocks('q');
    if (!message) throw new Error('a message should have come');
    await expect(receiver.completeMessage(message)).rejects.toMatchObject({ code: 'MessageLockLost' });
    expect((await receiver.receiveMessages(1))[0]?.deliveryCount).toBe(1);
  });

  test('a pending receive: nothing when its link goes, an error when its connection is cut; the next one goes on', async () => {
    const broker = await brokerWith();
    const client = clientOf(broker);
    const receiver = client.createReceiver('q');
    const pending = () =>
      receiver.receiveMessages(1, { maxWaitTimeInMs: 700 }).then(
        (messages) => messages.length,
        (error) => error,
      );
    await pending();
    for (const [fault, expected] of [
      [() => broker.faults.detachLinks('q'), 0],
      [() => broker.faults.dropConnections(), expect.any(Error)],
    ] as const) {
      const received = pending();
      await new Promise((resolve) => setTimeout(resolve, 200));
      fault();
      expect(await received).toEqual(expected);
      await client.createSender('q').sendMessages({ body: 1, messageId: 'm' });
      await expect.poll(pending).toBe(1);
      expect(broker.counts('q')).toMatchObject({ active: 0 });
    }
  });

  test('a settlement whose answer is lost took effect: asked again, the lock is gone', async () => {
    const broker = await brokerWith();
    const client = clientOf(broker, { retryOptions: { maxRetries: 2, retryDelayInMs: 10, timeoutInMs: 2_000 } });
    await client.createSender('q').sendMessages({ body: 1, messageId: 'm' });
    const receiver = client.createReceiver('q');
    const [message] = await receiver.receiveMessages(1);
    if (!message) throw new Error('a message should have come');
    broker.faults.cutAfterSettle('q', 1);
    await expect(receiver.completeMessage(message)).rejects.toThrow();
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 0 });
  });

  test('a token that was refused is tried again', async () => {
    const broker = await brokerWith();
    broker.faults.refuseTokens(1);
    await clientOf(broker).createSender('q').sendMessages({ body: 1 });
    expect(broker.counts('q').active).toBe(1);
  });

  test('a queue that does not exist has no faults', async () => {
    const broker = await brokerWith();
    expect(() => broker.faults.serverBusy('nowhere', 1)).toThrow('there is no such queue; there are: q');
  });
});
