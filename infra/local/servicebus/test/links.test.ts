import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { numberOf } from '../src/amqp/amqp-bytes.ts';
import { described, frame, list, no, nothing, uint } from './amqp.ts';
import { accepted, attachFrame, beginFrame, codes, detachFrame, dispositionFrame, flowFrame } from './frames.ts';
import { RawClient } from './raw-client.ts';
import { deliveries, fill, receiver, text } from './raw-queue.ts';
import { bodyOf, headerOf } from './read-message.ts';
import { brokerWith, clientOf } from './setup.ts';

describe('many messages on one link', () => {
  test('2,500 unsettled ones, settled from the last to the first', async () => {
    const broker = await brokerWith();
    await fill(broker, 2_500);
    const client = await receiver(broker);
    client.grant(0, 2_500);
    const all = await deliveries(client, 2_500);
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 2_500 });
    expect(new Set(all.map(({ tag }) => tag.toString('hex'))).size).toBe(2_500);
    for (const { id } of all.slice(-3).reverse()) expect(await client.settle(id, accepted)).toEqual(accepted);
    client.write(dispositionFrame(0, 2_496, accepted));
    await expect.poll(() => broker.counts('q').locked).toBe(0);
  });

  test('10,000 while the first one is held', async () => {
    const broker = await brokerWith({ lockDurationMs: 300_000 });
    await fill(broker, 10_001);
    const client = await receiver(broker);
    client.grant(0, 10_001);
    const [held, ...others] = await deliveries(client, 10_001);
    client.write(...others.map(({ id }) => dispositionFrame(id, id, accepted)));
    await expect.poll(() => broker.counts('q').locked).toBe(1);
    expect(await client.settle(held?.id ?? -1, accepted)).toEqual(accepted);
    expect(broker.counts('q').locked).toBe(0);
  });
});

describe('credit', () => {
  test('attach and flow in one packet: the attach is answered before the first message', async () => {
    const broker = await brokerWith();
    await fill(broker, 3);
    const client = await RawClient.open(broker.port);
    client.write(attachFrame({ name: 'r', handle: 0, source: 'q' }), flowFrame({ handle: 0, credit: 200 }));
    await deliveries(client, 3);
    const { attach, transfer } = codes;
    expect(client.seen.slice(-4)).toEqual([attach, transfer, transfer, transfer]);
  });

  test.each([0, 3])('a drain is answered, with %d messages before', async (count) => {
    const broker = await brokerWith();
    await fill(broker, count);
    const client = await receiver(broker);
    client.grant(0, 10, true);
    const { fields } = await client.next(codes.flow, (flow) => flow.fields[8]?.[0] === 0x41);
    expect([fields[4], fields[5], fields[6]].map((field) => field && numberOf(field))).toEqual([0, 10, 0]);
    expect(client.waiting(codes.transfer)).toBe(count);
  });

  test('a drain when no credit is left', async () => {
    const broker = await brokerWith();
    await fill(broker, 2);
    const client = await receiver(broker);
    client.grant(0, 2);
    await deliveries(client, 2);
    client.write(flowFrame({ handle: 0, credit: 0, drain: true, delivered: 2 }));
    const { fields } = await client.next(codes.flow, (flow) => flow.fields[8]?.[0] === 0x41);
    expect([fields[5], fields[6]].map((field) => field && numberOf(field))).toEqual([2, 0]);
  });

  test('what was not used stays: a later message comes without being asked for again', async () => {
    const broker = await brokerWith();
    await fill(broker, 2);
    const client = await receiver(broker);
    client.grant(0, 3);
    await deliveries(client, 2);
    await fill(broker, 2);
    await client.delivery(0);
    expect(broker.counts('q')).toMatchObject({ active: 1, locked: 3 });
  });

  test('the first flow may leave the delivery count out', async () => {
    const broker = await brokerWith();
    await fill(broker, 3);
    const client = await receiver(broker);
    const fields = [nothing, uint(100), uint(0), uint(100), uint(0), nothing, uint(2), nothing, no];
    client.write(frame(0, described(codes.flow, list(...fields))));
    await deliveries(client, 2);
    expect(broker.counts('q')).toMatchObject({ active: 1, locked: 2 });
  });

  test('it can be taken back', async () => {
    const broker = await brokerWith();
    const client = await receiver(broker);
    client.grant(0, 5);
    client.grant(0, 0);
    client.grant(0, 0, true);
    await client.next(codes.flow);
    await fill(broker, 1);
    expect(broker.counts('q')).toMatchObject({ active: 1, locked: 0 });
  });

  test('of several links, the one that asked first is served first', async () => {
    const broker = await brokerWith();
    const [first, second] = [await receiver(broker), await receiver(broker)];
    for (const [order, client] of [first, second].entries()) {
      client.grant(0, 1);
      // Any answer shows that the flow before it was read.
      await client.attach({ name: `s${order}`, handle: 1, target: 'q' });
    }
    await fill(broker, 1);
    await first.delivery(0);
    await fill(broker, 1);
    await second.delivery(0);
    expect(first.waiting(codes.transfer)).toBe(0);
  });

  test('a link without credit holds up no other of its session', async () => {
    const broker = await brokerWith();
    await fill(broker, 1);
    const client = await receiver(broker);
    await client.attach({ name: 'other', handle: 1, source: 'q' });
    client.grant(1, 1);
    await client.delivery(1);
    await fill(broker, 1);
    client.grant(0, 1);
    await client.delivery(0);
  });
});

describe('link names', () => {
  test('one name in both directions, on two sessions, and again after its detach', async () => {
    const broker = await brokerWith();
    const client = await RawClient.open(broker.port);
    client.write(beginFrame(1));
    await client.attach({ name: 'l', handle: 0, source: 'q' });
    await client.attach({ name: 'l', handle: 1, target: 'q' });
    await client.attach({ name: 'l', handle: 0, source: 'q' }, 1);
    client.grant(0, 1);
    expect(await client.send(1, 0, text('1'))).toEqual(accepted);
    await client.delivery(0);
    client.write(detachFrame(0), attachFrame({ name: 'l', handle: 5, source: 'q' }));
    await client.next(codes.detach);
    client.grant(5, 1);
    expect(await client.send(1, 1, text('2'))).toEqual(accepted);
    expect(bodyOf((await client.next(codes.transfer)).payload)?.value.subarray(-1)).toEqual(Buffer.from('2'));
  });

  test('a link, and a session, on the number of one that ended in the same packet', async () => {
    const broker = await brokerWith();
    const client = await receiver(broker);
    const again = attachFrame({ name: 's', handle: 0, target: 'q' });
    client.write(detachFrame(0), again);
    await client.next(codes.attach);
    expect(await client.send(0, 0, text('1'))).toEqual(accepted);
    client.write(frame(0, described(codes.end, list())), beginFrame(0), again);
    await client.next(codes.end);
    await client.next(codes.attach);
    expect(await client.send(0, 0, text('2'))).toEqual(accepted);
    expect(broker.counts('q').active).toBe(2);
  });

  test('a handle that was free for a while, next to a younger link of the old name', async () => {
    const broker = await brokerWith();
    const client = await receiver(broker);
    client.write(detachFrame(0));
    await client.next(codes.detach);
    await client.attach({ name: 'r', handle: 5, source: 'q' });
    await client.attach({ name: 's', handle: 0, target: 'q' });
    client.grant(5, 1);
    expect(await client.send(0, 0, text('x'))).toEqual(accepted);
    await client.next(codes.transfer);
  });

  test('a name that is in use, a handle that is in use, a channel that is in use: that connection ends', async () => {
    const broker = await brokerWith();
    const clash = [
      attachFrame({ name: 'r', handle: 7, source: 'q' }),
      attachFrame({ name: 'x', handle: 0, source: 'q' }),
      beginFrame(0),
      beginFrame(5_000),
      attachFrame({ name: 'x', handle: 9_000, source: 'q' }),
    ];
    for (const bytes of clash) {
      const client = await receiver(broker);
      client.write(bytes);
      const { fields } = await client.next(codes.close);
      expect(fields[0]?.toString('latin1')).toMatch(/amqp:(framing-error|illegal-state|not-allowed)/);
      await expect.poll(() => client.isOpen).toBe(false);
    }
  });
});

describe('clients that go or lag', () => {
  test('a receiver that vanishes: its locks last out their time, its credit takes nothing with it', async () => {
    const clock = new ManualClock();
    const broker = await brokerWith({ lockDurationMs: 10_000 }, { clock });
    await fill(broker, 1);
    const client = await receiver(broker);
    client.grant(0, 10);
    await client.delivery(0);
    client.socket.resetAndDestroy();
    await expect.poll(() => client.isOpen).toBe(false);
    await fill(broker, 1);
    const next = await receiver(broker);
    next.grant(0, 10);
    expect(headerOf((await next.delivery(0)).message)[4]).toMatchObject({ value: 0 });
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 2 });
    await clock.pass(10_000);
    const again = await deliveries(next, 2);
    expect(again.map(({ message }) => headerOf(message)[4]?.value)).toEqual([1, 1]);
  });

  test.each([
    ['a detach', codes.detach, detachFrame(0)],
    ['the end of a session', codes.end, frame(0, described(codes.end, list()))],
  ])('%s keeps the locks and takes back the credit', async (_, code, leave) => {
    const broker = await brokerWith();
    await fill(broker, 1);
    const client = await receiver(broker);
    client.grant(0, 10);
    await client.delivery(0);
    client.write(leave);
    await client.next(code);
    await fill(broker, 1);
    expect(broker.counts('q')).toMatchObject({ active: 1, locked: 1 });
  });

  test('one that does not read: others go on meanwhile, and it gets everything in the end', async () => {
    const broker = await brokerWith();
    const client = await receiver(broker);
    client.socket.pause();
    client.grant(0, 60);
    await fill(broker, 60, () => undefined);
    const sender = clientOf(broker).createSender('q');
    for (let n = 0; n < 60; n++) await sender.sendMessages({ body: Buffer.alloc(250_000) });
    const other = clientOf(broker).createReceiver('q', { receiveMode: 'receiveAndDelete' });
    expect(await other.receiveMessages(1)).toHaveLength(1);
    client.socket.resume();
    await deliveries(client, 60);
    expect(broker.counts('q')).toMatchObject({ locked: 60 });
  });
});
