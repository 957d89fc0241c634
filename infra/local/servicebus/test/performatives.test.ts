import { describe, expect, test, vi } from 'vitest';
import {
  binary,
  data,
  described,
  frame,
  list,
  no,
  nothing,
  properties,
  protocolHeader,
  string,
  symbol,
  uint,
  yes,
} from './amqp.ts';
import { accepted, attachFrame, beginFrame, codes, openFrame, transferFrames } from './frames.ts';
import { RawClient } from './raw-client.ts';
import { bodyOf } from './read-message.ts';
import { brokerWith, clientOf } from './setup.ts';

const zero = uint(0);
const performative = (code: number, ...fields: Buffer[]) => frame(0, described(code, list(...fields)));
const named = (name: string, ...fields: Buffer[]) =>
  frame(0, Buffer.concat([Buffer.from([0]), symbol(name), list(...fields)]));

/** A client with a link to the queue, without credit for messages from it. */
async function connected(): Promise<RawClient> {
  const client = await RawClient.open((await brokerWith()).port);
  await client.attach({ name: 's', handle: 0, target: 'q' });
  return client;
}

describe('a performative that breaks the specification ends its connection with the field and the rule', () => {
  test.each([
    ['a disposition without first', performative(codes.disposition, yes), 'disposition: the field first is missing'],
    ['with null as first', performative(codes.disposition, yes, nothing, zero), 'the field first is missing'],
    ['a disposition without fields', frame(0, described(codes.disposition, Buffer.from([0x45]))), 'role is missing'],
    ['a first of text', performative(codes.disposition, yes, string('0')), 'first must be of the type uint'],
    ['a number as state', performative(codes.disposition, yes, zero, zero, yes, uint(1)), 'type composite'],
    [
      'an outcome with a text',
      performative(codes.disposition, yes, zero, zero, yes, described(0x24, string(''))),
      'state',
    ],
    [
      'a begin without windows',
      performative(codes.begin, nothing, zero),
      'begin: the field incoming-window is missing',
    ],
    ['an attach without a name', performative(codes.attach, nothing, zero, no), 'attach: the field name is missing'],
    [
      'an attach to a text',
      performative(codes.attach, string('l'), uint(9), no, nothing, nothing, string('q')),
      'source',
    ],
    ['a flow without a window', performative(codes.flow, zero), 'flow: the field incoming-window is missing'],
    [
      'a transfer without a handle',
      performative(codes.transfer, nothing, zero),
      'transfer: the field handle is missing',
    ],
    ['a tag of text', performative(codes.transfer, zero, zero, string('t')), 'delivery-tag must be of the type binary'],
    ['a detach without a handle', performative(codes.detach), 'detach: the field handle is missing'],
    ['an error of text', performative(codes.end, string('no')), 'end: the field error must be of the type composite'],
    ['too many fields', performative(codes.close, nothing, nothing), 'close has more than 1 fields'],
    ['no list', frame(0, described(codes.flow, string('x'))), 'flow must be a list of fields'],
    ['a name instead of a number', named('amqp:detach:list'), 'detach: the field handle is missing'],
    ['an unknown performative', performative(0x66), 'a performative that a client cannot send'],
    ['a SASL performative in an AMQP frame', performative(codes.init, symbol('PLAIN')), 'a client cannot send'],
    ['an unknown frame type', frame(0, described(codes.end, list()), undefined, 2), 'the frame type 2 is unknown'],
  ])('%s', async (_, bytes, why) => {
    const client = await connected();
    client.write(bytes);
    const { fields } = await client.next(codes.close);
    expect(fields[0]?.toString('latin1')).toContain('amqp:invalid-field');
    expect(fields[0]?.toString('latin1')).toContain(why);
  });

  test('frames that could not carry their own head', async () => {
    const client = await RawClient.connect((await brokerWith()).port);
    client.write(protocolHeader(0), openFrame(97));
    await vi.waitFor(() => expect(client.isOpen).toBe(false), 60_000);
  });

  test('frames of the least size carry a message', async () => {
    const client = await RawClient.open((await brokerWith()).port, { maxFrameSize: 512 });
    await client.attach({ name: 's', handle: 0, target: 'q' });
    await client.attach({ name: 'r', handle: 1, source: 'q' });
    await client.send(0, 0, data(Buffer.alloc(2_000, 7)));
    client.grant(1, 1);
    const { message } = await client.delivery(1);
    expect(bodyOf(message)?.value).toEqual(binary(Buffer.alloc(2_000, 7)));
    expect(client.largestFrame).toBeLessThanOrEqual(512);
  });

  test.each([
    ['a number', [zero, nothing, binary(Buffer.from('t'))]],
    ['a tag', [zero, zero]],
  ])('a delivery without %s', async (_, fields) => {
    const client = await connected();
    client.write(frame(0, described(codes.transfer, list(...fields)), data(Buffer.from('x'))));
    const close = await client.next(codes.close);
    expect(close.fields[0]?.toString('latin1')).toContain('must have a delivery-id and a delivery-tag');
  });
});

test('a flow without a count or a credit grants what it says, from a count of 0', async () => {
  const broker = await brokerWith();
  const client = await RawClient.open(broker.port);
  await client.attach({ name: 's', handle: 0, target: 'q' });
  await client.attach({ name: 'r', handle: 1, source: 'q' });
  for (const id of [0, 1]) await client.send(0, id, data(Buffer.from([id])));
  const flow = (...more: Buffer[]) => performative(codes.flow, zero, uint(100), zero, uint(100), uint(1), ...more);
  client.write(flow(), flow(nothing, uint(1)));
  await client.delivery(1);
  client.write(flow(nothing, uint(1)), flow(nothing, uint(2)));
  await client.delivery(1);
  expect(broker.counts('q').locked).toBe(2);
});

test('a heartbeat that is asked for in 50 days does not become a timer of 1 ms', async () => {
  const warned = vi.spyOn(process, 'emitWarning');
  const client = await RawClient.connect((await brokerWith()).port);
  const open = performative(codes.open, string('c'), nothing, nothing, nothing, uint(0xffff_ffff));
  client.write(protocolHeader(0), open, beginFrame(0), attachFrame({ name: 's', handle: 0, target: 'q' }));
  expect(await client.next(codes.attach).then(() => client.send(0, 0, data(Buffer.from('x'))))).toEqual(accepted);
  expect(warned).not.toHaveBeenCalled();
});

test('what rhea throws in a later turn ends that connection only, and its messages go to others', async () => {
  const broker = await brokerWith({ lockDurationMs: 5_000 });
  const [client, other] = [await RawClient.open(broker.port), clientOf(broker)];
  await client.attach({ name: 's', handle: 0, target: 'q' });
  await client.attach({ name: 'r', handle: 1, source: 'q' });
  const message = (id: string) => Buffer.concat([properties(string(id)), data(Buffer.from(id))]);
  await client.send(0, 0, message('x'));
  const { default: Session } = await import('rhea/lib/session.js' as string);
  vi.spyOn(Session.prototype, '_process').mockImplementationOnce(() => {
    throw new Error('rhea met what it had not foreseen');
  });
  client.write(...transferFrames({ handle: 0, id: 1 }, message('y')));
  const { fields } = await client.next(codes.close);
  expect(fields[0]?.toString('latin1')).toContain('amqp:internal-error');
  expect(fields[0]?.toString('latin1')).toContain('rhea met what it had not foreseen');
  expect(await other.createReceiver('q').receiveMessages(2)).toHaveLength(2);
  await vi.waitFor(() => expect(client.isOpen).toBe(false), 60_000);
});
