import { connect } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import * as amqp from './amqp.ts';
import { attachFrame, beginFrame, codes, flowFrame, openFrame } from './frames.ts';
import { brokerWith, clientOf } from './setup.ts';

/** Writes bytes to the broker and waits until it ends the connection. */
function hurl(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('error', () => undefined).on('close', () => resolve());
    socket.resume();
    // Bytes that are the start of something honest are waited for: then this end gives up.
    setTimeout(() => socket.end(), 150);
  });
}

const header = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0]);
const frame = (body: number[]) => Buffer.from([0, 0, 0, 8 + body.length, 2, 0, 0, 0, ...body]);
const open = frame([0x00, 0x53, 0x10, 0xc0, 0x04, 0x01, 0xa1, 0x01, 0x78]);
const begin = frame([0x00, 0x53, 0x11, 0xc0, 0x08, 0x04, 0x40, 0x43, 0x52, 0x64, 0x52, 0x64]);

/** What a client of transactions attaches to. */
const coordinator = amqp.frame(
  0,
  amqp.described(
    codes.attach,
    amqp.list(
      amqp.string('t'),
      amqp.uint(0),
      amqp.no,
      amqp.nothing,
      amqp.nothing,
      amqp.nothing,
      amqp.described(0x30, amqp.list()),
    ),
  ),
);

/** Deterministic bytes. */
function noise(seed: number, length: number): Buffer {
  let state = seed + 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
}

describe('hostile bytes end their own connection only', () => {
  const cases: [string, Buffer][] = [
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['another AMQP version', Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])],
    ['a frame of 2 GB', Buffer.concat([header, Buffer.from([0x7f, 0xff, 0xff, 0xff, 2, 0, 0, 0])])],
    ['a frame of 3 bytes', Buffer.concat([header, Buffer.from([0, 0, 0, 3, 2, 0, 0, 0])])],
    ['an unknown type', Buffer.concat([header, frame([0x00, 0x53, 0x10, 0xff])])],
    ['an unknown performative', Buffer.concat([header, open, frame([0x00, 0x53, 0x66, 0x45])])],
    [
      'four thousand million nulls',
      Buffer.concat([header, open, frame([0x00, 0x53, 0x11, 0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40])]),
    ],
    ['nested without end', Buffer.concat([header, frame(Array.from({ length: 200 }, () => 0))])],
    ['a transfer without a session', Buffer.concat([header, open, frame([0x00, 0x53, 0x14, 0xc0, 0x02, 0x01, 0x43])])],
    [
      'a transfer on an unknown handle',
      Buffer.concat([header, open, begin, frame([0x00, 0x53, 0x14, 0xc0, 0x03, 0x01, 0x52, 0x07])]),
    ],
    [
      'a sender that gives itself credit',
      Buffer.concat([
        header,
        openFrame(),
        beginFrame(0),
        attachFrame({ name: 's', handle: 0, target: 'q' }),
        flowFrame({ handle: 0, credit: 9, drain: true }),
      ]),
    ],
    ['a terminus of no known kind', Buffer.concat([header, openFrame(), beginFrame(0), coordinator])],
    ['half a frame', Buffer.concat([header, open.subarray(0, 9)])],
    ...Array.from({ length: 60 }, (_, n): [string, Buffer] => [
      `noise ${n}`,
      n % 2 ? noise(n, 300) : Buffer.concat([header, open, begin, frame([0, 0x53, 0x10 + (n % 9), ...noise(n, 40)])]),
    ]),
  ];

  test('each of them, while another client goes on', async () => {
    const [errors, warnings] = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
    const broker = await brokerWith();
    const client = clientOf(broker);
    const sender = client.createSender('q');
    await sender.sendMessages({ body: 0, messageId: '0' });
    await Promise.all(cases.map(([, bytes]) => hurl(broker.port, bytes)));
    expect([errors, warnings].map(({ mock }) => mock.calls)).toEqual([[], []]);
    await sender.sendMessages({ body: 1, messageId: '1' });
    const got = await client.createReceiver('q').receiveMessages(2);
    expect(got.map(({ body }) => body)).toEqual([0, 1]);
  });
});
