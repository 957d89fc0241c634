import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  applicationProperties,
  array,
  binary,
  data,
  described,
  int,
  list,
  long,
  map,
  no,
  nothing,
  properties,
  string,
  symbol,
  timestamp,
  ubyte,
  uint,
  uuid,
  value,
  yes,
} from './amqp.ts';
import { accepted, codes, detachFrame, transferFrames } from './frames.ts';
import { RawClient } from './raw-client.ts';
import { applicationPropertiesOf, bareOf, headerOf } from './read-message.ts';
import { brokerWith } from './setup.ts';

const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** Every AMQP type in every encoding that it has, beside values that a careless encoder narrows or widens. */
const everyType: [string, Buffer][] = [
  ['null', nothing],
  ['true', yes],
  ['false', no],
  ['boolean true', hex('5601')],
  ['boolean false', hex('5600')],
  ['ubyte', ubyte(200)],
  ['ushort', hex('60ffff')],
  ['uint', uint(5)],
  ['small uint', hex('5205')],
  ['uint 0', hex('43')],
  ['ulong', hex('80 ffffffffffffffff')],
  ['small ulong', hex('5305')],
  ['ulong 0', hex('44')],
  ['byte', hex('51fb')],
  ['short', hex('61fffb')],
  ['int', int(5)],
  ['small int', hex('54fb')],
  ['long', long(5)],
  ['long beyond 2^53', long(2n ** 62n)],
  ['small long', hex('55fb')],
  ['float', hex('723fc00000')],
  ['double', hex('82 4000000000000000')],
  ['decimal32', hex('7422500001')],
  ['decimal64', hex('84 2234000000000001')],
  ['decimal128', hex('94 22080000000000000000000000000001')],
  ['char', hex('730001f600')],
  ['timestamp', timestamp(1_700_000_000_000)],
  ['timestamp before 1970', timestamp(-1)],
  ['uuid', uuid(Buffer.alloc(16, 7))],
  ['binary', binary(Buffer.from([0, 255]))],
  ['short binary', hex('a00200ff')],
  ['empty binary', hex('a000')],
  ['string', string('ä€😀')],
  ['long string', string('x'.repeat(300))],
  ['short string in the long form', hex('b1 00000001 61')],
  ['symbol', symbol('s')],
  ['list', list(int(1), string('a'))],
  ['empty list', hex('45')],
  ['short list', hex('c0 05 02 5401 5402')],
  ['map', map([['k', int(1)]])],
  ['array', array([long(1), long(2)])],
  ['array of described values', hex('f0 0000000a 00000002 00 5305 54 01 02')],
  ['described', Buffer.concat([hex('00'), symbol('a:b'), string('x')])],
];

const ids: [string, Buffer][] = [
  ['text', string('m')],
  ['0', hex('44')],
  ['a ulong', hex('80 ffffffffffffffff')],
  ['a uuid', uuid(Buffer.alloc(16, 1))],
  ['binary', hex('a0020001')],
  ['nothing', nothing],
];

const bodies: [string, Buffer][] = [
  ['data', data(Buffer.from('x'))],
  ['several data sections', Buffer.concat([data(Buffer.from('x')), data(Buffer.from('y'))])],
  ['empty data', data(Buffer.alloc(0))],
  ['a sequence', described(0x76, list(int(1), long(2)))],
  ...everyType.map(([name, encoded]): [string, Buffer] => [`a value: ${name}`, value(encoded)]),
  ['no body', Buffer.alloc(0)],
  ['a footer', Buffer.concat([value(nothing), described(0x78, map([['f', int(1)]], symbol))])],
];

const withAllProperties = (id: Buffer) =>
  properties(
    id,
    binary(Buffer.from('user')),
    string('to'),
    string('subject'),
    string('reply'),
    id,
    symbol('application/json'),
    symbol('gzip'),
    timestamp(1),
    timestamp(2),
    string('group'),
    uint(3),
    string('reply-group'),
  );

const messages = [
  ...ids.map(([name, id]) => ({
    name: `id: ${name}`,
    bare: Buffer.concat([withAllProperties(id), applicationProperties(everyType), value(string('x'))]),
  })),
  ...bodies.map(([name, body]) => ({ name, bare: Buffer.concat([applicationProperties([['a', int(1)]]), body]) })),
  {
    name: 'sections named by symbols',
    bare: Buffer.concat([
      hex('00'),
      symbol('amqp:application-properties:map'),
      map([['a', int(1)]]),
      hex('00'),
      symbol('amqp:amqp-value:*'),
      int(1),
    ]),
  },
];

const folder = mkdtempSync(join(tmpdir(), 'broker-bytes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Sends every message, one after the other, over link 0. */
async function sendAll(port: number): Promise<RawClient> {
  const client = await RawClient.open(port);
  await client.attach({ name: 's', handle: 0, target: '/q' });
  for (const [id, { name, bare }] of messages.entries()) {
    client.write(...transferFrames({ handle: 0, id }, bare));
    expect([name, (await client.next(codes.disposition)).fields[4]]).toEqual([name, accepted]);
  }
  return client;
}

/** Receives them over a new link; each came as it was sent. */
async function expectAll(client: RawClient, handle: number, source = '/q') {
  await client.attach({ name: `r${handle}`, handle, source });
  client.grant(handle, messages.length);
  const all = [];
  for (const { name, bare } of messages) {
    const delivery = await client.delivery(handle);
    expect([name, bareOf(delivery.message).toString('hex')]).toEqual([name, bare.toString('hex')]);
    all.push(delivery);
  }
  return all;
}

describe('what the sender wrote stays byte for byte', () => {
  test('over a link, after an abandon, over another link, and after a restart on the data file', async () => {
    const dataFile = join(folder, 'queues.log');
    const broker = await brokerWith({ maxDeliveryCount: 5 }, { dataFile });
    const client = await sendAll(broker.port);
    const abandoned = await expectAll(client, 1);
    for (const { id } of abandoned) await client.settle(id, described(0x27, list()));
    client.write(detachFrame(1));
    const again = await expectAll(client, 2);
    expect(again.map(({ message }) => headerOf(message)[4]?.value)).toEqual(again.map(() => 1));
    await broker.close();
    const restarted = await brokerWith({ maxDeliveryCount: 5 }, { dataFile });
    await expectAll(await RawClient.open(restarted.port), 0);
  });

  test('in the dead letters, when no reason was given, and from there', async () => {
    const broker = await brokerWith();
    const client = await sendAll(broker.port);
    for (const { id } of await expectAll(client, 1)) await client.settle(id, described(0x25, list()));
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 0, deadLettered: messages.length });
    await expectAll(client, 2, 'q/$DeadLetterQueue');
  });

  test('in a batch', async () => {
    const broker = await brokerWith();
    const client = await RawClient.open(broker.port);
    await client.attach({ name: 's', handle: 0, target: 'q' });
    const batch = Buffer.concat(messages.map(({ bare }) => data(bare)));
    client.write(...transferFrames({ handle: 0, id: 0, format: 0x8001_3700 }, batch));
    expect((await client.next(codes.disposition)).fields[4]).toEqual(accepted);
    await expectAll(client, 1);
  });

  test('but for the properties that were asked for, in the types in which they were asked for', async () => {
    const broker = await brokerWith();
    const client = await RawClient.open(broker.port);
    await client.attach({ name: 's', handle: 0, target: 'q' });
    const old = everyType.map(([name, encoded]): [string, Buffer] => [name, encoded]);
    await client.send(0, 0, Buffer.concat([withAllProperties(string('m')), applicationProperties(old), value(int(1))]));
    await client.attach({ name: 'r', handle: 1, source: 'q' });
    client.grant(1, 1);
    const { id } = await client.delivery(1);
    const changes = everyType.map(([name, encoded]): [string, Buffer] => [`new ${name}`, encoded]);
    await client.settle(id, described(0x27, list(no, no, map([...changes, ['int', string('now text')]], symbol))));
    await client.attach({ name: 'r2', handle: 2, source: 'q' });
    client.grant(2, 1);
    const { message } = await client.delivery(2);
    const kept = old.filter(([name]) => name !== 'int');
    const expected = Buffer.concat([
      withAllProperties(string('m')),
      applicationProperties([...kept, ...changes, ['int', string('now text')]]),
      value(int(1)),
    ]);
    expect(bareOf(message).toString('hex')).toBe(expected.toString('hex'));
    expect(applicationPropertiesOf(message)['int']).toEqual({ type: 'string', value: 'now text' });
  });
});
