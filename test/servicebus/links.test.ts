import { describe, expect, test } from 'vitest';
import { numberOf } from '../../infra/local/servicebus/amqp-bytes.ts';
import type { Broker } from '../../infra/local/servicebus/broker.ts';
import { data, described, frame, list, map, no, nothing, string, symbol, uint, yes } from './amqp.ts';
import {
  accepted,
  attachFrame,
  beginFrame,
  codes,
  detachFrame,
  dispositionFrame,
  flowFrame,
  transferFrames,
} from './frames.ts';
import { RawClient, type RawDelivery } from './raw-client.ts';
import { annotationsOf, applicationPropertiesOf, bodyOf, headerOf } from './read-message.ts';
import { brokerWith, clientOf, ManualClock } from './setup.ts';

const released = described(0x26, Buffer.from([0x45]));
const text = (content: string) => data(Buffer.from(content));
const big = (bytes: number) => data(Buffer.from(Array.from({ length: bytes }, (_, n) => n % 251)));

async function fill(broker: Broker, count: number, body: (n: number) => unknown = (n) => n): Promise<void> {
  const sender = clientOf(broker).createSender('q');
  for (let at = 0; at < count; at += 1_000) {
    const some = Math.min(1_000, count - at);
    await sender.sendMessages(Array.from({ length: some }, (_, n) => ({ body: body(at + n), messageId: `${at + n}` })));
  }
}

async function receiver(broker: Broker, options: Parameters<typeof RawClient.open>[1] = {}) {
  const client = await RawClient.open(broker.port, options);
  await client.attach({ name: 'r', handle: 0, source: '/q', sndSettleMode: 0, rcvSettleMode: 1 });
  return client;
}

async function deliveries(client: RawClient, count: number): Promise<RawDelivery[]> {
  const all: RawDelivery[] = [];
  for (let n = 0; n < count; n++) all.push(await client.delivery(0));
  return all;
}

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
    await expect.poll(() => broker.counts('q').locked, { timeout: 5_000 }).toBe(1);
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

describe('transfers', () => {
  async function sender(broker: Broker, maxFrameSize = 65_536) {
    const client = await RawClient.open(broker.port, { maxFrameSize });
    await client.attach({ name: 's', handle: 0, target: '/q' });
    return client;
  }

  test('a settled one is stored and not answered', async () => {
    const broker = await brokerWith();
    const client = await sender(broker);
    client.write(...transferFrames({ handle: 0, id: 0, settled: true }, text('a')));
    expect(await client.send(0, 1, text('b'))).toEqual(accepted);
    expect(client.seen.filter((code) => code === codes.disposition)).toHaveLength(1);
    expect(broker.counts('q').active).toBe(2);
  });

  test('one without a message format', async () => {
    const broker = await brokerWith();
    const client = await sender(broker);
    client.write(...transferFrames({ handle: 0, id: 0, format: null }, text('a')));
    expect((await client.next(codes.disposition)).fields[4]).toEqual(accepted);
    expect(broker.counts('q').active).toBe(1);
  });

  test('one beyond the limit, in frames of any size, is rejected; the link lives on', async () => {
    const broker = await brokerWith();
    const client = await sender(broker);
    for (const [id, frameBytes] of [1_000, 60_000, 200_000].entries()) {
      const state = await client.send(0, id, big(262_145), frameBytes);
      expect(state.toString('latin1')).toContain('amqp:link:message-size-exceeded');
    }
    expect(await client.send(0, 3, big(262_000))).toEqual(accepted);
    expect(broker.counts('q').active).toBe(1);
  });

  test.each([512, 65_536])('200 kB out and in with frames of at most %d bytes', async (maxFrameSize) => {
    const broker = await brokerWith();
    const client = await sender(broker, maxFrameSize);
    expect(await client.send(0, 0, big(200_000), maxFrameSize - 64)).toEqual(accepted);
    await client.attach({ name: 'r', handle: 1, source: 'q' });
    client.grant(1, 1);
    const { message, frames } = await client.delivery(1);
    expect(client.largestFrame).toBeLessThanOrEqual(maxFrameSize);
    expect(frames).toBeGreaterThanOrEqual(Math.ceil(200_000 / maxFrameSize));
    expect(bodyOf(message)?.value.subarray(5).equals(big(200_000).subarray(8))).toBe(true);
  });

  test('a window of three frames: the message comes in pieces as the window opens', async () => {
    const broker = await brokerWith();
    const client = await RawClient.open(broker.port, { maxFrameSize: 512, incomingWindow: 3 });
    await fill(broker, 1, () => 'x'.repeat(3_000));
    await client.attach({ name: 'r', handle: 0, source: 'q' });
    const open = (seen: number) =>
      client.write(
        frame(
          0,
          described(codes.flow, list(uint(seen), uint(3), uint(0), uint(100), uint(0), uint(0), uint(1), nothing, no)),
        ),
      );
    open(0);
    for (let seen = 3; ; seen += 3) {
      await expect.poll(() => client.waiting(codes.transfer)).toBeGreaterThanOrEqual(Math.min(seen, 7));
      if (seen > 7) break;
      open(seen);
    }
    expect((await client.delivery(0)).frames).toBeGreaterThanOrEqual(7);
  });

  test('one that is given up in its midst counts for nothing', async () => {
    const broker = await brokerWith();
    const client = await sender(broker);
    const [first] = transferFrames({ handle: 0, id: 0, frameBytes: 100 }, big(1_000));
    const aborted = [uint(0), uint(0), nothing, nothing, nothing, no, nothing, nothing, nothing, yes];
    client.write(first as Buffer, frame(0, described(codes.transfer, list(...aborted))));
    expect(await client.send(0, 1, text('b'))).toEqual(accepted);
    expect(broker.counts('q').active).toBe(1);
  });

  test('a body that is no message is rejected; the link lives on', async () => {
    const broker = await brokerWith();
    const client = await sender(broker);
    const state = await client.send(0, 0, Buffer.from([0x00, 0x53, 0x75, 0xa0, 0x7f, 1]));
    expect(state.toString('latin1')).toContain('amqp:decode-error');
    expect(await client.send(0, 1, text('b'))).toEqual(accepted);
  });
});

describe('settling over the link', () => {
  const modified = (...fields: Buffer[]) => described(0x27, list(...fields));
  const rejected = (...fields: Buffer[]) => described(0x25, list(...fields));
  const info = map(
    [
      ['DeadLetterReason', string('why')],
      ['DeadLetterErrorDescription', string('text')],
      ['more', uint(7)],
    ],
    symbol,
  );
  const deadLetter = rejected(described(0x1d, list(symbol('com.microsoft:dead-letter'), nothing, info)));

  test.each([
    ['complete', accepted, { active: 0 }],
    ['abandon', modified(), { active: 1 }],
    ['abandon as Python does it', modified(yes, no, map([['a', uint(1)]], symbol)), { active: 1 }],
    ['release', released, { active: 1 }],
    ['defer', modified(nothing, yes), { deferred: 1 }],
    ['dead-letter', deadLetter, { deadLettered: 1 }],
    ['dead-letter without a reason', rejected(), { deadLettered: 1 }],
  ])('%s: the answer is settled and accepted', async (_, state, counts) => {
    const broker = await brokerWith();
    await fill(broker, 1);
    const client = await receiver(broker);
    client.grant(0, 1);
    const { id } = await client.delivery(0);
    client.write(dispositionFrame(id, id, state));
    const { fields } = await client.next(codes.disposition);
    expect(fields.slice(0, 5)).toEqual([no, uint(id), uint(id), yes, accepted]);
    expect(broker.counts('q')).toEqual({ active: 0, locked: 0, deferred: 0, deadLettered: 0, scheduled: 0, ...counts });
  });

  test('reason, description and more become application properties in their own types', async () => {
    const broker = await brokerWith();
    await fill(broker, 1);
    const client = await receiver(broker);
    client.grant(0, 1);
    const { id } = await client.delivery(0);
    await client.settle(id, deadLetter);
    await client.attach({ name: 'd', handle: 1, source: '/Q/$deadletterqueue' });
    client.grant(1, 1);
    const { message } = await client.delivery(1);
    expect(applicationPropertiesOf(message)).toEqual({
      DeadLetterReason: { type: 'string', value: 'why' },
      DeadLetterErrorDescription: { type: 'string', value: 'text' },
      more: { type: 'uint', value: 7 },
    });
    expect(annotationsOf(message)['x-opt-deadletter-source']).toEqual({ type: 'string', value: 'q' });
  });

  test('a lock that is over is answered with message-lock-lost; a second settlement finds nothing', async () => {
    const clock = new ManualClock();
    const broker = await brokerWith({ lockDurationMs: 5_000 }, { clock });
    await fill(broker, 1);
    const client = await receiver(broker);
    client.grant(0, 1);
    const { id } = await client.delivery(0);
    await clock.advance(5_000);
    const state = (await client.settle(id, accepted)).toString('latin1');
    expect(state).toContain('com.microsoft:message-lock-lost');
    expect(state).toContain('The lock supplied is invalid.');
    client.write(dispositionFrame(id, id, accepted), dispositionFrame(99, 99, accepted));
    client.grant(0, 2);
    expect(headerOf((await client.delivery(0)).message)[4]).toEqual({ type: 'uint', value: 1 });
  });

  test('settled at once, as Python and AMQPNetLite do it: no answer', async () => {
    const broker = await brokerWith();
    await fill(broker, 2);
    const client = await receiver(broker);
    client.grant(0, 2);
    await deliveries(client, 2);
    client.write(dispositionFrame(0, 1, accepted, true));
    await expect.poll(() => broker.counts('q').locked).toBe(0);
    expect(client.waiting(codes.disposition)).toBe(0);
  });

  test('receive and delete: settled deliveries, whose settlement by .NET changes nothing', async () => {
    const broker = await brokerWith();
    await fill(broker, 2);
    const client = await RawClient.open(broker.port);
    const attach = await client.attach({ name: 'r', handle: 0, source: '/q', sndSettleMode: 1 });
    expect(attach.fields[3]).toEqual(Buffer.from([0x50, 1]));
    client.grant(0, 1);
    const { settled, id, message } = await client.delivery(0);
    expect(settled).toBe(true);
    expect(annotationsOf(message)['x-opt-locked-until']).toBeUndefined();
    client.write(dispositionFrame(id, id, accepted, true));
    client.write(flowFrame({ handle: 0, credit: 1, delivered: 1 }));
    await client.delivery(0);
    await expect.poll(() => broker.counts('q')).toMatchObject({ active: 0, locked: 0 });
  });

  test.each([true, false])('a range over all numbers there are (role receiver: %s) takes no time', async (role) => {
    const broker = await brokerWith();
    await fill(broker, 2);
    const client = await receiver(broker);
    client.grant(0, 2);
    await deliveries(client, 2);
    const range = list(role ? yes : no, uint(0), uint(0xffff_ffff), yes, accepted);
    client.write(frame(0, described(codes.disposition, range)));
    await client.attach({ name: 's', handle: 1, target: 'q' });
    expect(await client.send(1, 0, text('x'))).toEqual(accepted);
    expect(broker.counts('q').locked).toBe(role ? 0 : 2);
  });
});

describe('what a receiver is told', () => {
  test('header and annotations in the types to which strict clients cast', async () => {
    const clock = new ManualClock();
    const broker = await brokerWith({ defaultTtlMs: 60_000, lockDurationMs: 30_000 }, { clock });
    await fill(broker, 1);
    const client = await receiver(broker);
    client.grant(0, 1);
    const { message, tag } = await client.delivery(0);
    expect(tag).toHaveLength(16);
    expect(headerOf(message)[2]).toEqual({ type: 'uint', value: 60_000 });
    expect(headerOf(message)[4]).toEqual({ type: 'uint', value: 0 });
    expect(annotationsOf(message)).toEqual({
      'x-opt-sequence-number': { type: 'long', value: 1 },
      'x-opt-enqueue-sequence-number': { type: 'long', value: 1 },
      'x-opt-enqueued-time': { type: 'timestamp', value: clock.now() },
      'x-opt-locked-until': { type: 'timestamp', value: clock.now() + 30_000 },
      'x-opt-message-state': { type: 'int', value: 0 },
    });
  });

  test.each(['q', '/q', 'Q', 'amqps://host/q', 'amqp://h:5672/Q'])(
    'the address %s comes back as it was',
    async (address) => {
      const client = await RawClient.open((await brokerWith()).port);
      const sends = await client.attach({ name: 's', handle: 0, target: address, sndSettleMode: 0, rcvSettleMode: 1 });
      expect(sends.fields[6]?.toString('latin1')).toContain(address);
      expect(sends.fields[10]).toEqual(Buffer.from([0x80, 0, 0, 0, 0, 0, 4, 0, 0]));
      // Unsettled answers would leave a client hanging that never settles twice.
      client.write(...transferFrames({ handle: 0, id: 0 }, text('x')));
      expect((await client.next(codes.disposition)).fields[3]).toEqual(yes);
      const receives = await client.attach({ name: 'r', handle: 1, source: address });
      expect(receives.fields[5]?.toString('latin1')).toContain(address);
    },
  );
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
    await clock.advance(10_000);
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
