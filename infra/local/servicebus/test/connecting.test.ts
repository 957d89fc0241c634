import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { numberOf } from '../src/amqp/amqp-bytes.ts';
import {
  applicationProperties,
  data,
  described,
  frame,
  list,
  map,
  no,
  nothing,
  properties,
  protocolHeader,
  string,
  symbol,
  uint,
  value,
  yes,
} from './amqp.ts';
import { accepted, attachFrame, beginFrame, codes, openFrame, transferFrames } from './frames.ts';
import { RawClient, requestPair } from './raw-client.ts';
import { applicationPropertiesOf, bodyOf, correlationIdOf, typedValue } from './read-message.ts';
import { brokerWith, clientOf } from './setup.ts';

const signature = (expiry: number) => `SharedAccessSignature sr=sb%3a%2f%2fh%2fq&sig=x&se=${expiry}&skn=local`;
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

describe('connecting', () => {
  test.each(['MSSBCBS', 'ANONYMOUS', 'PLAIN', 'EXTERNAL', undefined])('with the mechanism %s', async (mechanism) => {
    const broker = await brokerWith();
    const client = await RawClient.open(broker.port, { mechanism });
    await client.attach({ name: 's', handle: 0, target: '/q' });
    expect(await client.send(0, 0, data(Buffer.from('x')))).toEqual(accepted);
  });

  test('a mechanism that nobody knows is refused as SASL has it', async () => {
    const client = await RawClient.connect((await brokerWith()).port);
    client.write(protocolHeader(3), frame(0, described(codes.init, list(symbol('X'), nothing)), undefined, 1));
    const { fields } = await client.next(codes.outcome);
    expect(numberOf(fields[0] as Buffer)).toBe(1);
  });

  test('the broker says which frames and which silence it bears, and gives room for 5,000 transfers', async () => {
    const client = await RawClient.connect((await brokerWith()).port);
    client.write(protocolHeader(0), openFrame(), beginFrame(3));
    const { fields } = await client.next(codes.open);
    expect(fields.slice(2, 5).map(typedValue)).toEqual([
      { type: 'uint', value: 262_144 },
      { type: 'ushort', value: 4_999 },
      { type: 'uint', value: 120_000 },
    ]);
    const begin = await client.next(codes.begin);
    expect([begin.fields[0]?.readUInt16BE(1), numberOf(begin.fields[2] as Buffer)]).toEqual([3, 5_000]);
  });

  test.each([true, false])('everything from the first byte to a message in one packet (SASL: %s)', async (sasl) => {
    const broker = await brokerWith();
    const client = await RawClient.connect(broker.port);
    const init = frame(0, described(codes.init, list(symbol('PLAIN'), nothing, string('h'))), undefined, 1);
    client.write(
      ...(sasl ? [protocolHeader(3), init] : []),
      protocolHeader(0),
      openFrame(),
      beginFrame(0),
      attachFrame({ name: 's', handle: 0, target: 'q' }),
      ...transferFrames({ handle: 0, id: 0 }, data(Buffer.from('x'))),
    );
    const { fields } = await client.next(codes.disposition);
    expect(fields[4]).toEqual(accepted);
    expect(broker.counts('q').active).toBe(1);
  });

  test('a client that falls silent is closed with a reason, one that only beats its heart is not', async () => {
    const broker = await brokerWith({}, { idleTimeoutMs: 150 });
    const [silent, alive] = [await RawClient.open(broker.port), await RawClient.open(broker.port)];
    const heart = setInterval(() => alive.write(Buffer.from([0, 0, 0, 8, 2, 0, 0, 0])), 50);
    const { fields } = await silent.next(codes.close);
    clearInterval(heart);
    expect(fields[0]?.toString('latin1')).toContain('amqp:resource-limit-exceeded');
    expect(alive.isOpen).toBe(true);
  });

  test("the broker's heart beats for a client that wants it to", async () => {
    const client = await RawClient.connect((await brokerWith()).port);
    client.write(
      protocolHeader(0),
      frame(0, described(codes.open, list(string('c'), nothing, nothing, nothing, uint(200)))),
    );
    await client.next(codes.open);
    const [beat] = await once(client.socket, 'data');
    expect(beat).toEqual(Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]));
  });
});

describe('tokens', () => {
  test('an answer in the types to which strict clients cast', async () => {
    const client = await RawClient.open((await brokerWith()).port);
    const put = await requestPair(client, '$cbs', 0);
    const more = [
      ['type', string('servicebus.windows.net:sastoken')],
      ['name', string('amqps://h/q')],
    ] as const;
    const answer = await put('put-token', string(signature(inAnHour())), more);
    expect(applicationPropertiesOf(answer)).toEqual({
      'status-code': { type: 'int', value: 202 },
      'status-description': { type: 'string', value: 'Accepted' },
    });
    expect(correlationIdOf(answer)).toEqual(string('request-0'));
  });

  test.each([
    ['ran out', () => string(signature(1_000)), 401, 'amqp:unauthorized-access'],
    ['is missing', () => nothing, 400, 'com.microsoft:argument-error'],
    ['is not a text', () => map([['a', string('b')]]), 400, 'com.microsoft:argument-error'],
  ])('a token that %s', async (_, token, status, condition) => {
    const client = await RawClient.open((await brokerWith()).port);
    const put = await requestPair(client, '$cbs', 0);
    expect(applicationPropertiesOf(await put('put-token', token()))).toMatchObject({
      'status-code': { type: 'int', value: status },
      'error-condition': { type: 'symbol', value: condition },
    });
    // The node serves on.
    expect(applicationPropertiesOf(await put('put-token', string('jwt')))['status-code']?.value).toBe(202);
  });

  test('an unknown operation', async () => {
    const client = await RawClient.open((await brokerWith()).port);
    const put = await requestPair(client, '$cbs', 0);
    expect(applicationPropertiesOf(await put('paint-token', nothing))).toMatchObject({
      'status-code': { type: 'int', value: 501 },
      'error-condition': { type: 'symbol', value: 'amqp:not-implemented' },
    });
  });

  test('a number as message id comes back as the number it was, also 0, and without a reply-to', async () => {
    const client = await RawClient.open((await brokerWith()).port);
    await client.attach({ name: '$cbs-out', handle: 0, target: '$cbs' });
    await client.attach({ name: '$cbs-in', handle: 1, source: '$cbs' });
    client.grant(1, 1);
    const id = Buffer.from([0x44]);
    const request = [properties(id), applicationProperties([['operation', string('put-token')]]), value(string('any'))];
    client.write(...transferFrames({ handle: 0, id: 0 }, Buffer.concat(request)));
    const { message } = await client.delivery(1);
    expect(correlationIdOf(message)).toEqual(id);
    expect(bodyOf(message)?.code).toBe(0x77);
  });

  test('refused for good: UnauthorizedAccess', async () => {
    const broker = await brokerWith();
    broker.faults.refuseTokens(3);
    const error = await clientOf(broker)
      .createSender('q')
      .sendMessages({ body: 1 })
      .catch((each) => each);
    const codesSeen = error.errors.map(({ code }: { code: string }) => code);
    expect(codesSeen).toEqual(['UnauthorizedAccess', 'UnauthorizedAccess', 'UnauthorizedAccess']);
  });

  test('left without an answer: the next one is answered as its own', async () => {
    const broker = await brokerWith();
    const client = await RawClient.open(broker.port);
    const put = await requestPair(client, '$cbs', 0);
    broker.faults.refuseTokens(1, 'silence');
    // The first who waits gets the only answer there is.
    const answer = put('put-token', string('any'));
    put('put-token', string('any')).catch(() => undefined);
    expect(correlationIdOf(await answer)).toEqual(string('request-1'));
  });
});

describe('links that are refused', () => {
  const sessionFilter = map([['com.microsoft:session-filter', nothing]], symbol);
  const source = described(0x28, list(string('q'), ...Array(6).fill(nothing), sessionFilter));
  const attach = (role: Buffer, ...termini: Buffer[]) =>
    frame(0, described(codes.attach, list(string('l'), uint(0), role, nothing, nothing, ...termini)));

  test.each([
    ['of an unknown queue', attachFrame({ name: 'l', handle: 0, source: '/no' }), /'\/no' could not be found/],
    ['to an unknown queue', attachFrame({ name: 'l', handle: 0, target: 'q/$x/y' }), /'q\/\$x\/y' could not be found/],
    ["of an unknown queue's node", attachFrame({ name: 'l', handle: 0, source: 'no/$management' }), /amqp:not-found/],
    ['to dead letters', attachFrame({ name: 'l', handle: 0, target: 'q/$deadletterqueue' }), /amqp:not-allowed/],
    ['of nothing', attach(yes, nothing, nothing), /amqp:not-found/],
    ['of a session', attach(yes, source, nothing), /amqp:not-allowed.*sessionful/s],
    ['to nothing', attach(no, nothing, nothing), /amqp:not-implemented/],
    ['of transactions', attach(no, nothing, described(0x30, list())), /amqp:not-implemented.*transactions/s],
  ])('%s: attached without that end, then detached with the reason, and the session goes on', async (_, bytes, why) => {
    const client = await RawClient.open((await brokerWith()).port);
    client.write(bytes);
    const { fields } = await client.next(codes.attach);
    expect(fields[0]).toEqual(string('l'));
    // The broker's role is the other one.
    expect(fields[fields[2]?.equals(yes) ? 6 : 5] ?? nothing).toEqual(nothing);
    const detach = await client.next(codes.detach);
    expect(detach.fields.slice(0, 2)).toEqual([Buffer.from([0x43]), yes]);
    expect(detach.fields[2]?.toString('latin1')).toMatch(why);
    await client.attach({ name: 'ok', handle: 9, target: 'q' });
    expect(await client.send(9, 0, data(Buffer.from('x')))).toEqual(accepted);
  });

  test('the other end may be missing', async () => {
    const client = await RawClient.open((await brokerWith()).port);
    client.write(attach(no, nothing, described(0x29, list(string('q')))));
    await client.next(codes.attach);
    expect(await client.send(0, 0, data(Buffer.from('x')))).toEqual(accepted);
  });
});
