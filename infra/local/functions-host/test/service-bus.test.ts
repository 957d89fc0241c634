import { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Broker, startBroker } from '../../servicebus/src/broker.ts';
import { type FunctionHost, startHost } from '../src/host.ts';
import { send } from './raw-request.ts';
import { buildTestApp, eventually, type TestApp } from './test-app.ts';

interface Run {
  name: string;
  messages: unknown;
  metadata: Record<string, unknown>;
  startedAt: number;
  endedAt: number;
}

const queue = (name: string, rules: object = {}) => ({ name, ...rules });

let app: TestApp;
let broker: Broker;
let client: ServiceBusClient;

beforeAll(async () => {
  app = await buildTestApp('queue', { maxMessageBatchSize: 10, maxConcurrentCalls: 2 });
  broker = await startBroker({
    config: {
      queues: [
        queue('many', { maxDeliveryCount: 3 }),
        queue('one', { maxDeliveryCount: 2 }),
        queue('relay'),
        queue('out'),
      ],
    },
    port: 0,
  });
  client = new ServiceBusClient(broker.connectionString);
});

afterAll(async () => {
  await client.close();
  await broker.close();
  await app.remove();
});

async function withHost(
  env: Record<string, string>,
  test: (host: FunctionHost, runs: () => Promise<Run[]>) => Promise<void>,
  { directory: appDirectory } = app,
) {
  const host = await startHost({
    appDirectory,
    env: { Bus: broker.connectionString, MANY_QUEUE: 'many', ...env },
    log: () => {},
  });
  const runs = async () => JSON.parse((await send(`${host.url}/runs`)).body) as Run[];
  try {
    await test(host, runs);
  } finally {
    await host.close();
  }
}

async function put(name: string, messages: ServiceBusMessage[]) {
  const sender = client.createSender(name);
  await sender.sendMessages(messages);
  await sender.close();
}

const numbered = (count: number) =>
  Array.from(
    { length: count },
    (_, index) => ({ messageId: `m${index}`, body: { index } }) satisfies ServiceBusMessage,
  );

describe('Service Bus batches', () => {
  it('come one after the other, at most as large as host.json says, and are completed', async () => {
    await put('many', numbered(25));
    await withHost({ TAKES_MS: '30' }, async (_host, runs) => {
      await eventually(async () => (await runs()).flatMap(({ messages }) => messages).length).toBe(25);
      await eventually(() => broker.counts('many')).toMatchObject({ active: 0, locked: 0 });
      const batches = await runs();
      expect(batches.map(({ messages }) => (messages as unknown[]).length)).toEqual([10, 10, 5]);
      expect(batches.slice(1).every((batch, index) => batch.startedAt >= (batches[index]?.endedAt ?? 0))).toBe(true);
    });
  });

  it('come again whole when the function fails, until the delivery count is used up', async () => {
    await put('many', [
      { messageId: 'a', body: 'fail' },
      { messageId: 'b', body: 'fine' },
    ]);
    await withHost({}, async (_host, runs) => {
      await eventually(() => broker.counts('many').deadLettered).toBe(2);
      const batches = await runs();
      expect(batches.map(({ messages }) => messages)).toEqual(Array(3).fill(['fail', 'fine']));
      expect(batches.map(({ metadata }) => metadata['deliveryCountArray'])).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
      ]);
    });
  });

  it('have the shapes of the worker, with arrays that do not line up', async () => {
    const messages = [
      { messageId: 'a', body: '{"n":1}', subject: 's', applicationProperties: { TenantId: 't' } },
      { messageId: '456', body: '', subject: 'u' },
      { messageId: 'c', body: '007' },
    ];
    await put(
      'many',
      messages.map((message) => ({ ...message, body: Buffer.from(message.body) })),
    );
    await withHost({}, async (_host, runs) => {
      await eventually(async () => (await runs()).length).toBe(1);
      const [run] = await runs();
      expect(run?.messages).toEqual([{ n: 1 }, '007']);
      expect(run?.metadata).toMatchObject({
        messageIdArray: ['a', 456, 'c'],
        subjectArray: ['s', 'u'],
        deliveryCountArray: [1, 1, 1],
        applicationPropertiesArray: [{ tenantId: 't' }, {}, {}],
        sequenceNumberArray: Array(3).fill({ low: expect.any(Number), high: 0, unsigned: false }),
        lockTokenArray: Array(3).fill(expect.stringMatching(/^[0-9a-f-]{36}$/)),
      });
      expect(run?.metadata['enqueuedTimeUtcArray']).toContainEqual(expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+$/));
    });
  });

  it('line up when the app asks for empty entries', async () => {
    await put('many', [
      { messageId: 'a', body: Buffer.from('x'), subject: 's' },
      { messageId: 'b', body: Buffer.from('') },
    ]);
    await withHost({ KEEP_EMPTY: 'yes' }, async (_host, runs) => {
      await eventually(async () => (await runs()).length).toBe(1);
      const [run] = await runs();
      expect(run?.messages).toEqual(['x', '']);
      expect(run?.metadata['subjectArray']).toEqual(['s', '']);
    });
  });

  it('are settled before the host is gone, and what waits is given back', async () => {
    await put('many', numbered(12));
    await withHost({ TAKES_MS: '300' }, async (_host, runs) => {
      await eventually(async () => (await runs()).length).toBe(1);
    });
    expect(broker.counts('many')).toMatchObject({ active: 2, locked: 0 });
    await withHost({}, async (_host, runs) => {
      await eventually(async () => (await runs()).length).toBe(1);
    });
    expect(broker.counts('many')).toMatchObject({ active: 0, locked: 0 });
  });
});

describe('without autoCompleteMessages', () => {
  let own: TestApp;
  beforeAll(async () => {
    own = await buildTestApp('queue', { autoCompleteMessages: false });
  });
  afterAll(() => own.remove());

  it.each([
    ['one', 2],
    ['many', 3],
  ])('what succeeded in "%s" stays locked, what failed is given back all the same', async (name, tries) => {
    const config = { queues: ['many', 'one', 'relay', 'out'].map((each) => queue(each, { maxDeliveryCount: tries })) };
    const bus = await startBroker({ config, port: 0 });
    const sending = new ServiceBusClient(bus.connectionString);
    try {
      await withHost(
        { Bus: bus.connectionString },
        async (_host, runs) => {
          await sending.createSender(name).sendMessages({ messageId: 'a', body: 'fine' });
          await eventually(async () => (await runs()).length).toBe(1);
          await sending.createSender(name).sendMessages({ messageId: 'b', body: 'fail' });
          await eventually(() => bus.counts(name)).toMatchObject({ active: 0, locked: 1, deadLettered: 1 });
          expect(await runs()).toHaveLength(1 + tries);
        },
        own,
      );
    } finally {
      await sending.close();
      await bus.close();
    }
  });
});

describe('a broker that goes and comes back', () => {
  it('is received from again', async () => {
    const config = { queues: ['many', 'one', 'relay', 'out'].map((name) => queue(name)) };
    const first = await startBroker({ config, port: 0 });
    let second: Broker | undefined;
    await withHost({ Bus: first.connectionString }, async (_host, runs) => {
      await first.close();
      second = await startBroker({ config, port: first.port });
      const sending = new ServiceBusClient(second.connectionString);
      await sending.createSender('many').sendMessages({ messageId: 'later', body: 'later' });
      await eventually(async () => (await runs()).map(({ messages }) => messages)).toEqual([['later']]);
      await sending.close();
    });
    await second?.close();
  });
});

describe('Service Bus, one message at a time', () => {
  it('runs as many at once as host.json says', async () => {
    await put('one', numbered(4));
    await withHost({ TAKES_MS: '100' }, async (_host, runs) => {
      await eventually(() => broker.counts('one')).toMatchObject({ active: 0, locked: 0 });
      const all = await runs();
      const atOnce = all.map(
        (run) => all.filter((other) => other.startedAt <= run.startedAt && other.endedAt > run.startedAt).length,
      );
      expect(Math.max(...atOnce)).toBe(2);
    });
  });

  it('lays the members of a JSON body over the metadata', async () => {
    await put('one', [{ messageId: 'real', body: { messageId: 'body', deliveryCount: 7 } }]);
    await withHost({}, async (_host, runs) => {
      await eventually(async () => (await runs()).length).toBe(1);
      const [run] = await runs();
      expect(run?.metadata).toMatchObject({ messageId: 'body', deliveryCount: 7, sequenceNumber: expect.any(Number) });
    });
  });

  it('abandons a message whose function failed', async () => {
    await put('one', [{ messageId: 'f', body: 'fail' }]);
    await withHost({}, async (_host, runs) => {
      await eventually(() => broker.counts('one').deadLettered).toBe(1);
      expect((await runs()).map(({ metadata }) => metadata['deliveryCount'])).toEqual([1, 2]);
    });
  });
});

describe('Service Bus output', () => {
  it('sends a message for each item', async () => {
    await put('relay', [{ messageId: 'r', body: 'first' }]);
    await withHost({}, async () => {
      const receiver = client.createReceiver('out', { receiveMode: 'receiveAndDelete' });
      const received = [];
      while (received.length < 3) received.push(...(await receiver.receiveMessages(3)));
      expect(received.map(({ body }) => (Buffer.isBuffer(body) ? body.toString() : body))).toEqual([
        'first',
        'text',
        { object: true },
      ]);
      await receiver.close();
    });
  });
});

describe('POST /admin/functions/{name}', () => {
  it('runs a queue function with a message made by hand', async () => {
    await withHost({}, async (host, runs) => {
      const run = (name: string, body: string) =>
        send(`${host.url}/admin/functions/${name}`, {
          method: 'POST',
          body,
          headers: { 'content-length': body.length },
        });
      expect((await run('MANY', '{"input":"{\\"by\\":\\"hand\\"}"}')).status).toBe(202);
      await eventually(async () => (await runs()).map(({ messages }) => messages)).toEqual([[{ by: 'hand' }]]);
      expect((await run('many', 'text')).status).toBe(400);
      expect((await run('runs', '{"input":""}')).status).toBe(400);
      expect((await run('unknown', '{"input":""}')).status).toBe(404);
    });
  });
});

describe('a start with a wrong setting', () => {
  const rows: [name: string, env: Record<string, string>, text: RegExp][] = [
    ['no connection', { Bus: '' }, /connection "Bus" is not set/],
    ['no queue name', { MANY_QUEUE: '' }, /setting MANY_QUEUE/],
  ];
  for (const [name, env, text] of rows) {
    it(`fails with words: ${name}`, async () => {
      await expect(withHost(env, async () => {})).rejects.toThrow(text);
    });
  }
});
