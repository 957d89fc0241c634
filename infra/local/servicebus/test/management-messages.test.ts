import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { itemsOf } from '../src/amqp/amqp-bytes.ts';
import {
  array,
  binary,
  data,
  described,
  int,
  list,
  long,
  map,
  nothing,
  properties,
  string,
  symbol,
  timestamp,
  ubyte,
  uint,
  yes,
} from './amqp.ts';
import { brokerOf, elements, locked, lockToken, managed, messagesOf } from './managed.ts';
import { annotationsOf, bodyOf, entries, headerOf } from './read-message.ts';
import { brokerWith, clientOf } from './setup.ts';

describe('peek', () => {
  const peek = (from: number, count: number, more: [string, Buffer][] = []) =>
    map([['from-sequence-number', long(from)], ['message-count', int(count)], ...more]);

  test('in order from a number on; locked, deferred and scheduled ones too, in their states', async () => {
    const broker = await brokerOf(4);
    const { client, ask } = await managed(broker);
    const tags = await locked(client, 2);
    await ask('update-disposition', map([['disposition-status', string('defered')], ...lockToken(tags[1] as Buffer)]));
    await clientOf(broker)
      .createSender('q')
      .scheduleMessages({ body: 4 }, new Date(Date.now() + 60_000));
    const messages = messagesOf((await ask('peek-message', peek(0, 10))).body).map(annotationsOf);
    const states = messages.map((each) => [each['x-opt-sequence-number']?.value, each['x-opt-message-state']]);
    expect(states).toEqual([0, 1, 0, 0, 2].map((value, n) => [n + 1, { type: 'int', value }]));
    expect(messages.every((each) => each['x-opt-locked-until'] === undefined)).toBe(true);
    expect(messagesOf((await ask('peek-message', peek(3, 1))).body)).toHaveLength(1);
    expect((await ask('peek-message', peek(6, 1))).status).toBe(204);
  });

  test('pages: everything once, with large answers in many frames', async () => {
    const broker = await brokerWith();
    const sender = clientOf(broker).createSender('q');
    for (let n = 0; n < 8; n++) await sender.sendMessages({ body: Buffer.alloc(200_000, n) });
    const receiver = clientOf(broker).createReceiver('q');
    const seen: number[] = [];
    for (;;) {
      const some = await receiver.peekMessages(10);
      if (some.length === 0) break;
      seen.push(...some.map(({ body }) => body[0]));
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('without the bodies', async () => {
    const { ask } = await managed(await brokerOf(1));
    const [message] = messagesOf((await ask('peek-message', peek(0, 1, [['omit-message-body', yes]]))).body);
    expect(bodyOf(message as Buffer)).toBeUndefined();
    expect(headerOf(message as Buffer)).not.toEqual([]);
  });
});

describe('scheduling', () => {
  const due = (at: number) => described(0x72, map([['x-opt-scheduled-enqueue-time', timestamp(at)]], symbol));
  const message = (id: string, at: number) =>
    map([
      ['message', binary(Buffer.concat([due(at), properties(string(id)), data(Buffer.from(id))]))],
      ['message-id', string(id)],
    ]);

  test('an array of longs comes back, by which it can be cancelled once', async () => {
    const clock = new ManualClock();
    const broker = await brokerWith({}, { clock });
    const { ask } = await managed(broker);
    const later = clock.now() + 60_000;
    const { status, body } = await ask(
      'schedule-message',
      map([['messages', list(message('a', later), message('b', later))]]),
    );
    expect([status, elements(body['sequence-numbers'] ?? nothing)]).toEqual([200, { code: 0x81, values: [1, 2] }]);
    const one = map([['sequence-numbers', array([long(1)])]]);
    expect(await ask('cancel-scheduled-message', one)).toEqual({ status: 200, condition: undefined, body: {} });
    expect(await ask('cancel-scheduled-message', one)).toMatchObject({
      status: 404,
      condition: 'com.microsoft:message-not-found',
    });
    await clock.pass(60_000);
    expect(broker.counts('q')).toMatchObject({ active: 1, scheduled: 0 });
    const [came] = messagesOf(
      (
        await ask(
          'peek-message',
          map([
            ['from-sequence-number', long(0)],
            ['message-count', int(1)],
          ]),
        )
      ).body,
    );
    // When due it is appended: a new number and a new time.
    expect(annotationsOf(came as Buffer)).toMatchObject({
      'x-opt-sequence-number': { value: 3 },
      'x-opt-enqueued-time': { value: later },
      'x-opt-message-state': { type: 'int', value: 0 },
    });
  });

  test('none is stored when one of them is too large, or the queue is full', async () => {
    const large = map([
      ['message', binary(data(Buffer.alloc(262_144)))],
      ['message-id', string('l')],
    ]);
    const small = message('s', Date.now() + 60_000);
    for (const rules of [{}, { maxBytes: 100 }]) {
      const broker = await brokerWith(rules);
      const { ask } = await managed(broker);
      const answer = await ask(
        'schedule-message',
        map([['messages', rules.maxBytes ? list(small, small) : list(small, large)]]),
      );
      const condition = rules.maxBytes ? 'amqp:resource-limit-exceeded' : 'amqp:link:message-size-exceeded';
      expect(answer).toMatchObject({ status: 403, condition });
      expect(broker.counts('q')).toMatchObject({ active: 0, scheduled: 0 });
    }
  });
});

describe('receive by sequence number', () => {
  test.each([
    ['locked, asked for with a uint', uint(1), 1],
    ['locked, asked for with a ubyte', ubyte(1), 1],
    ['deleted', uint(0), 0],
  ])('a deferred message comes %s', async (_, mode, left) => {
    const broker = await brokerOf(1);
    const { client, ask } = await managed(broker);
    const [tag] = await locked(client, 1);
    await ask('update-disposition', map([['disposition-status', string('defered')], ...lockToken(tag as Buffer)]));
    const wanted = map([
      ['sequence-numbers', array([long(1)])],
      ['receiver-settle-mode', mode],
    ]);
    const { status, body } = await ask('receive-by-sequence-number', wanted);
    expect(status).toBe(200);
    const [given] = itemsOf(body['messages'] ?? nothing, 0, body['messages']?.length ?? 1).map(entries);
    expect(given?.['lock-token']?.[0]).toBe(0x98);
    const [message] = messagesOf(body);
    expect(annotationsOf(message as Buffer)['x-opt-locked-until']?.type).toBe(left ? 'timestamp' : undefined);
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: left, deferred: 0 });
    expect(await ask('receive-by-sequence-number', wanted)).toMatchObject({
      status: 404,
      condition: 'com.microsoft:message-not-found',
    });
    if (!left) return;
    // The token is a uuid in the order of its text, as every other request takes it.
    const token = map([
      ['lock-tokens', array([given?.['lock-token'] as Buffer])],
      ['disposition-status', string('completed')],
    ]);
    expect((await ask('update-disposition', token)).status).toBe(200);
    expect(broker.counts('q')).toMatchObject({ active: 0, locked: 0, deferred: 0 });
  });
});
