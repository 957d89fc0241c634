import { describe, expect, test } from 'vitest';
import { itemsOf, numberOf } from '../../infra/local/servicebus/amqp-bytes.ts';
import type { Broker } from '../../infra/local/servicebus/broker.ts';
import { tokenToUuid } from '../../infra/local/servicebus/lock-token.ts';
import {
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
  yes,
} from './amqp.ts';
import { lockTokens } from './frames.ts';
import { RawClient, requestPair } from './raw-client.ts';
import {
  annotationsOf,
  applicationPropertiesOf,
  bodyOf,
  correlationIdOf,
  entries,
  headerOf,
  typedValue,
} from './read-message.ts';
import { brokerWith, clientOf, ManualClock } from './setup.ts';

const prefix = 'com.microsoft:';

/** The answer as a client with strict types reads it: `status` is undefined when it is no int, `condition` when it is no symbol. */
function readAnswer(message: Buffer) {
  const { statusCode, errorCondition } = applicationPropertiesOf(message);
  const body = bodyOf(message);
  return {
    status: statusCode?.type === 'int' ? statusCode.value : undefined,
    condition: errorCondition?.type === 'symbol' ? errorCondition.value : undefined,
    body: body?.code === 0x77 ? entries(body.value) : {},
  };
}

/** The elements of an array, each with its type code in front again. */
function elements(encoded: Buffer): { code: number; values: (number | undefined)[] } {
  expect(encoded[0]).toBe(0xf0);
  const count = encoded.readUInt32BE(5);
  const code = encoded.readUInt8(9);
  const width = (encoded.length - 10) / count;
  const values = Array.from({ length: count }, (_, n) =>
    numberOf(Buffer.concat([Buffer.from([code]), encoded.subarray(10 + n * width, 10 + (n + 1) * width)])),
  );
  return { code, values };
}

async function managed(broker: Broker, address = '/q/$management') {
  const client = await RawClient.open(broker.port);
  const request = await requestPair(client, address, 0);
  const ask = async (operation: string, body: Buffer = map([])) => readAnswer(await request(prefix + operation, body));
  return { client, request, ask };
}

/** Locks messages of `q` and gives their tags. */
async function locked(client: RawClient, count: number): Promise<Buffer[]> {
  await client.attach({ name: 'r', handle: 5, source: '/q', sndSettleMode: 0, rcvSettleMode: 1 });
  client.grant(5, count);
  const tags: Buffer[] = [];
  // The broker numbers its own handles: the third link of the session is 2 there.
  for (let n = 0; n < count; n++) tags.push((await client.delivery(2)).tag);
  return tags;
}

async function brokerOf(count: number, ...more: Parameters<typeof brokerWith>): Promise<Broker> {
  const broker = await brokerWith(...more);
  await clientOf(broker)
    .createSender('q')
    .sendMessages(Array.from({ length: count }, (_, n) => ({ body: n, messageId: `m${n}` })));
  return broker;
}

const strangers = [Buffer.alloc(16, 1)];

describe('answers on $management', () => {
  test.each(['q/$management', '/Q/$MANAGEMENT', 'amqps://h/q/$management', 'q/$DeadLetterQueue/$management'])(
    'at the address %s, with the id of the request',
    async (address) => {
      const { request } = await managed(await brokerWith(), address);
      const answer = await request(
        `${prefix}peek-message`,
        map([
          ['from-sequence-number', long(1)],
          ['message-count', int(1)],
        ]),
      );
      expect(correlationIdOf(answer)).toEqual(string('request-0'));
      expect(readAnswer(answer).status).toBe(204);
    },
  );

  test.each([`${prefix}fly`, 'toString', ''])('the operation "%s" is unknown: 501', async (operation) => {
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
    await clock.advance(10_000);
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
      map([['disposition-status', string('suspended')], ...mapEntries(tag)]),
    );
    expect(answer).toMatchObject({ status: 400, condition: 'amqp:not-allowed' });
  });
});

const mapEntries = (tag: Buffer): [string, Buffer][] => [
  ['lock-tokens', array([uuid(tokenToUuid(tag.toString('latin1')))])],
];

/** The encoded messages of an answer: a list of maps, each with a `message` and perhaps a `lock-token`. */
function messagesOf(body: Record<string, Buffer>): Buffer[] {
  const maps = itemsOf(body['messages'] ?? nothing, 0, body['messages']?.length ?? 1);
  return maps
    .map((each) => entries(each)['message'] as Buffer)
    .map((encoded) => encoded.subarray(encoded[0] === 0xa0 ? 2 : 5));
}

describe('peek', () => {
  const peek = (from: number, count: number, more: [string, Buffer][] = []) =>
    map([['from-sequence-number', long(from)], ['message-count', int(count)], ...more]);

  test('in order from a number on; locked, deferred and scheduled ones too, in their states', async () => {
    const broker = await brokerOf(4);
    const { client, ask } = await managed(broker);
    const tags = await locked(client, 2);
    await ask('update-disposition', map([['disposition-status', string('defered')], ...mapEntries(tags[1] as Buffer)]));
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
    await clock.advance(60_000);
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
    await ask('update-disposition', map([['disposition-status', string('defered')], ...mapEntries(tag as Buffer)]));
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
