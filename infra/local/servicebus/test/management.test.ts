import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { tokenToUuid } from '../src/queue/lock-token.ts';
import { array, int, list, long, map, no, nothing, string, timestamp, uint, uuid } from './amqp.ts';
import { lockTokens } from './frames.ts';
import { brokerOf, elements, locked, lockToken, managed, messagesOf, PREFIX, readAnswer } from './managed.ts';
import { applicationPropertiesOf, correlationIdOf, typedValue } from './read-message.ts';
import { brokerWith, clientOf } from './setup.ts';

const strangers = [Buffer.alloc(16, 1)];

describe('answers on $management', () => {
  test.each(['q/$management', '/Q/$MANAGEMENT', 'amqps://h/q/$management', 'q/$DeadLetterQueue/$management'])(
    'at the address %s, with the id of the request',
    async (address) => {
      const { request } = await managed(await brokerWith(), address);
      const answer = await request(
        `${PREFIX}peek-message`,
        map([
          ['from-sequence-number', long(1)],
          ['message-count', int(1)],
        ]),
      );
      expect(correlationIdOf(answer)).toEqual(string('request-0'));
      expect(readAnswer(answer).status).toBe(204);
    },
  );

  test.each([`${PREFIX}fly`, 'toString', ''])('the operation "%s" is unknown: 501', async (operation) => {
    const { request } = await managed(await brokerWith());
    const answer = readAnswer(await request(operation, map([])));
    expect(answer).toMatchObject({ status: 501, condition: 'amqp:not-implemented' });
  });

  const badBodies: [string, Buffer][] = [
    ['no map', string('x')],
    ['nothing', nothing],
    ['an empty map', map([])],
    [
      'values of other types',
      map(
        [
          'lock-tokens',
          'sequence-numbers',
          'messages',
          'message-count',
          'from-sequence-number',
          'disposition-status',
        ].map((key) => [key, string('x')]),
      ),
    ],
    ['empty lists', map(['lock-tokens', 'sequence-numbers', 'messages'].map((key) => [key, list()]))],
    ['lists of nothing', map(['lock-tokens', 'sequence-numbers', 'messages'].map((key) => [key, list(nothing)]))],
  ];
  const operations = [
    'renew-lock',
    'peek-message',
    'schedule-message',
    'cancel-scheduled-message',
    'receive-by-sequence-number',
    'update-disposition',
    'batch-delete-messages',
  ];
  test.each(badBodies)('a body that is %s: an error of its own, and the node serves on', async (_, body) => {
    const { ask } = await managed(await brokerOf(1));
    for (const operation of operations) {
      const answer = await ask(operation, body);
      expect([operation, answer.status]).toEqual([operation, expect.any(Number)]);
      if (answer.status !== 200) expect([operation, answer.condition]).toEqual([operation, expect.any(String)]);
    }
  });
});

describe('locks', () => {
  test('renew: an array of timestamps', async () => {
    const clock = new ManualClock();
    const { client, ask } = await managed(await brokerOf(2, { lockDurationMs: 30_000 }, { clock }));
    const tags = await locked(client, 2);
    await clock.pass(10_000);
    const { status, body } = await ask('renew-lock', lockTokens(tags));
    expect(status).toBe(200);
    const end = clock.now() + 30_000;
    expect(elements(body['expirations'] ?? nothing)).toEqual({ code: 0x83, values: [end, end] });
  });

  test.each([
    ['renew-lock', []],
    ['update-disposition', [['disposition-status', string('completed')]]],
  ] as [string, [string, Buffer][]][])('%s of a lock that is gone: 410', async (operation, more) => {
    const { ask } = await managed(await brokerWith());
    const body = map([...more, ['lock-tokens', array(strangers.map(uuid))]]);
    expect(await ask(operation, body)).toMatchObject({ status: 410, condition: 'com.microsoft:message-lock-lost' });
  });

  test.each([
    ['completed', {}],
    ['abandoned', { active: 1 }],
    ['defered', { deferred: 1 }],
    ['suspended', { deadLettered: 1 }],
  ])('update-disposition: %s', async (status, counts) => {
    const broker = await brokerOf(1);
    const { client, ask } = await managed(broker);
    const [tag] = await locked(client, 1);
    const body = map([
      ['disposition-status', string(status)],
      ['lock-tokens', array([uuid(tokenToUuid((tag as Buffer).toString('latin1')))])],
      ['deadletter-reason', string('why')],
      ['deadletter-description', string('because')],
      ['properties-to-modify', map([['tries', uint(3)]])],
    ]);
    expect(await ask('update-disposition', body)).toEqual({ status: 200, condition: undefined, body: {} });
    expect(broker.counts('q')).toEqual({ active: 0, locked: 0, scheduled: 0, deferred: 0, deadLettered: 0, ...counts });
    // Gone is gone: the same again finds no lock.
    expect((await ask('update-disposition', body)).status).toBe(410);
    const node = status === 'suspended' ? await managed(broker, 'q/$deadletterqueue/$management') : { ask };
    const peeked = await node.ask(
      'peek-message',
      map([
        ['from-sequence-number', long(0)],
        ['message-count', int(1)],
      ]),
    );
    if (status === 'completed') return expect(peeked.status).toBe(204);
    const [message] = messagesOf(peeked.body);
    expect(applicationPropertiesOf(message as Buffer)).toMatchObject({ tries: { type: 'uint', value: 3 } });
  });

  test('a dead letter cannot be suspended again', async () => {
    const broker = await brokerOf(1);
    const client = clientOf(broker);
    const [message] = await client.createReceiver('q').receiveMessages(1);
    if (!message) throw new Error('a message should have come');
    await client.createReceiver('q').deadLetterMessage(message);
    const { client: raw, ask } = await managed(broker, 'q/$deadletterqueue/$management');
    await raw.attach({ name: 'd', handle: 5, source: 'q/$deadletterqueue' });
    raw.grant(5, 1);
    const { tag } = await raw.delivery(2);
    const answer = await ask(
      'update-disposition',
      map([['disposition-status', string('suspended')], ...lockToken(tag)]),
    );
    expect(answer).toMatchObject({ status: 400, condition: 'amqp:not-allowed' });
  });
});

describe('batch delete', () => {
  const olderThan = (at: number, count: number) =>
    map([
      ['message-count', int(count)],
      ['enqueued-time-utc', timestamp(at)],
    ]);

  test('so many of those that came before a time, but none that is locked; 204 when there is none', async () => {
    const clock = new ManualClock();
    const broker = await brokerOf(5, { lockDurationMs: 300_000 }, { clock });
    const { client, ask } = await managed(broker);
    await locked(client, 1);
    expect((await ask('batch-delete-messages', olderThan(clock.now() - 1, 10))).status).toBe(204);
    const { status, body } = await ask('batch-delete-messages', olderThan(clock.now() + 1, 3));
    expect([status, typedValue(body['message-count'] ?? nothing)]).toEqual([200, { type: 'int', value: 3 }]);
    expect(broker.counts('q')).toMatchObject({ active: 1, locked: 1 });
    expect(
      typedValue((await ask('batch-delete-messages', olderThan(clock.now() + 1, 10))).body['message-count'] ?? no),
    ).toEqual({ type: 'int', value: 1 });
    expect((await ask('batch-delete-messages', olderThan(clock.now() + 1, 10))).status).toBe(204);
  });
});
