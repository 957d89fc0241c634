import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { described, frame, list, map, no, nothing, string, symbol, uint, yes } from './amqp.ts';
import { accepted, codes, dispositionFrame, flowFrame } from './frames.ts';
import { RawClient } from './raw-client.ts';
import { deliveries, fill, receiver, text } from './raw-queue.ts';
import { annotationsOf, applicationPropertiesOf, headerOf } from './read-message.ts';
import { brokerWith } from './setup.ts';

const released = described(0x26, Buffer.from([0x45]));

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
    await clock.pass(5_000);
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

  test('last, settled and state left out as the .NET client does it: only the first, and only with a state', async () => {
    const broker = await brokerWith();
    await fill(broker, 3);
    const client = await receiver(broker);
    client.grant(0, 3);
    await deliveries(client, 3);
    const disposition = (...fields: Buffer[]) => frame(0, described(codes.disposition, list(yes, uint(1), ...fields)));
    client.write(disposition(), disposition(nothing, nothing, nothing), disposition(nothing, nothing, accepted));
    const { fields } = await client.next(codes.disposition);
    expect(fields.slice(1, 3)).toEqual([uint(1), uint(1)]);
    expect(client.waiting(codes.disposition)).toBe(0);
    expect(broker.counts('q').locked).toBe(2);
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
