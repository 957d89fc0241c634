import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import type { Broker } from '../src/broker.ts';
import { data, described, frame, list, map, no, nothing, string, uint, yes } from './amqp.ts';
import { accepted, codes, transferFrames } from './frames.ts';
import { RawClient } from './raw-client.ts';
import { big, fill, receiver, text } from './raw-queue.ts';
import { annotationsOf, bodyOf, headerOf } from './read-message.ts';
import { brokerWith } from './setup.ts';

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

  test.each([
    ['ends in its midst', Buffer.from([0x00, 0x53, 0x75, 0xa0, 0x7f, 1])],
    ['has sections of no kind', described(0x10, list())],
    ['has its sections out of order', Buffer.concat([text('x'), described(0x74, map([]))])],
    ['has application properties that are not a map', described(0x74, string('x'))],
    ['has none where a map should be', described(0x72, nothing)],
    ['has properties that are not a list', described(0x73, map([]))],
    ['has data that is not binary', described(0x75, string('x'))],
    ['has a map that claims more entries than it has', described(0x74, Buffer.from([0xc1, 3, 9, 0x40, 0x40]))],
    ['has a body of a type that there is not', described(0x77, Buffer.from([0x3f]))],
  ])('a message that %s is rejected, alone and in a batch; the link lives on', async (_, message) => {
    const broker = await brokerWith();
    const client = await sender(broker);
    expect((await client.send(0, 0, message)).toString('latin1')).toContain('amqp:decode-error');
    client.write(
      ...transferFrames({ handle: 0, id: 1, format: 0x8001_3700 }, Buffer.concat([data(text('a')), data(message)])),
    );
    const { fields } = await client.next(codes.disposition);
    expect(fields[4]?.toString('latin1')).toContain('amqp:decode-error');
    expect(await client.send(0, 2, text('b'))).toEqual(accepted);
    expect(broker.counts('q').active).toBe(1);
  });
});

describe('what a receiver gets', () => {
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
