import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Delivery } from '../../functions/services/delivery.ts';
import { type PayiStandin, startPayi } from '../../infra/local/payi/src/server.ts';
import { queues } from '../../infra/local/queues.ts';
import { type Broker, startBroker } from '../../infra/local/servicebus/src/broker.ts';
import { type LocalTables, startTables } from '../../infra/local/tables/src/tables.ts';
import { settingsSchema } from '../../shared/config/settings.ts';
import type { Received } from '../../shared/events/queued-event.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { RowChangedError, RowExistsError } from '../../shared/tables/errors.ts';
import { openTables } from '../../shared/tables/open.ts';
import type { RowKey, Tables } from '../../shared/tables/table.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { startDelivery } from '../support/delivery.ts';
import { all, noting, usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

let broker: Broker;
let azurite: LocalTables;
let payi: PayiStandin;
let tables: Tables;
let client: ServiceBusClient;
let delivery: Delivery;

beforeAll(async () => {
  [broker, azurite, payi] = await Promise.all([startBroker({ config: queues, port: 0 }), startTables(), startPayi()]);
  tables = openTables({ connection: azurite.connectionString, prefix: 'test' });
  client = new ServiceBusClient(broker.connectionString);
  delivery = startDelivery({
    settings: settingsSchema.parse({ ServiceBusConnection: broker.connectionString, PUBLISH_TIMEOUT_MS: '2000' }),
    tables,
    payi: createPayiClient({ baseUrl: payi.url, apiKey: 'key', timeoutMs: 60_000 }),
    ensureLimits: async () => undefined,
    refreshLimits: () => undefined,
    clock: systemClock,
    telemetry: noting(),
  });
});
afterAll(async () => {
  await delivery?.close();
  await client?.close();
  await Promise.all([broker?.close(), azurite?.close(), payi?.close()]);
});

const events = (count: number) => Array.from({ length: count }, () => usageEvent({ eventId: uuidV7(Date.now()) }));

/** What the host does: one batch, completed when the function succeeds. */
async function drain(count: number): Promise<void> {
  const receiver = client.createReceiver('usage-events');
  for (let left = count; left > 0; ) {
    const messages = await receiver.receiveMessages(Math.min(left, 200), { maxWaitTimeInMs: 5_000 });
    if (messages.length === 0) throw new Error(`${left} messages never came`);
    await delivery.ingest(
      messages.map(
        (message): Received => ({
          body: message.body,
          messageId: String(message.messageId),
          redelivered: (message.deliveryCount ?? 0) > 0,
          properties: message.applicationProperties ?? {},
        }),
      ),
    );
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    left -= messages.length;
  }
  await receiver.close();
}

test('from concurrent callers through the queue to Pay-i, and conserved at every station', async () => {
  const batch = events(300);
  expect(new Set(await Promise.all(batch.map((event) => delivery.publisher.publish(event))))).toEqual(
    new Set(['queued']),
  );
  expect(broker.counts('usage-events').active).toBe(300);
  expect(await delivery.audit(1)).toMatchObject({ ok: true, states: { queued: 300, ingested: 0 } });
  await drain(300);
  expect(payi.inspect.summary()).toMatchObject({ events: 300, accepted: 300 });
  expect(await delivery.audit(1)).toMatchObject({ ok: true, states: { queued: 0, ingested: 300 } });
});

test('a send without an answer: in the queue and in the outbox, ingested once', async () => {
  const [event] = events(1);
  if (!event) return;
  const before = payi.inspect.summary().events;
  broker.faults.cutAfterSend('usage-events', 2);
  await delivery.publisher.publish(event);
  await delivery.outbox.flush(delivery.queue);
  expect(broker.counts('usage-events')).toMatchObject({ active: 1 });
  await drain(1);
  expect(payi.inspect.summary().events).toBe(before + 1);
  expect(await delivery.audit(1)).toMatchObject({ ok: true, states: { outbox: 0 } });
});

test('dead letters of the queue are listed with ours, replayed twice, ingested once', async () => {
  const [event] = events(1);
  if (!event) return;
  const before = payi.inspect.summary().events;
  await delivery.publisher.publish(event);
  const receiver = client.createReceiver('usage-events');
  const [message] = await receiver.receiveMessages(1);
  if (message)
    await receiver.deadLetterMessage(message, {
      deadLetterReason: 'MaxDeliveryCountExceeded',
      deadLetterErrorDescription: 'Ten times.',
    });
  await receiver.close();
  expect(await delivery.deadLetters.list()).toMatchObject([
    { id: event.eventId, source: 'broker', code: 'MaxDeliveryCountExceeded' },
  ]);
  expect(await delivery.audit(1)).toMatchObject({ ok: true, states: { deadLettered: 1 } });
  expect(await delivery.deadLetters.replay({})).toMatchObject({ letters: [{ id: event.eventId }], skipped: 0 });
  expect(await delivery.deadLetters.replay({})).toMatchObject({ letters: [] });
  await drain(1);
  expect(payi.inspect.summary().events).toBe(before + 1);
  expect(await delivery.audit(1)).toMatchObject({ ok: true, states: { deadLettered: 0 } });
});

interface Row extends RowKey {
  text?: string;
  money?: bigint;
  share?: number;
  count?: number;
  at?: Date;
}

test.each(['azurite', 'memory'])(
  'tables (%s): rows come back as they were written, and conflicts are reported',
  async (kind) => {
    const table = (kind === 'azurite' ? tables : new MemoryTables()).open<Row>('rows');
    const key = { partitionKey: 'p', rowKey: 'a' };
    const row = {
      ...key,
      text: 'ö',
      money: 9_007_199_254_740_993n,
      share: 0.25,
      count: 5_000_000_000,
      at: new Date(0),
    };
    expect(await table.get('p', 'a')).toBeUndefined();
    const etag = await table.insert(row);
    expect(await table.get('p', 'a')).toEqual({ ...row, etag });
    expect(await table.insertIfAbsent(row)).toBe(false);
    await expect(table.insert(row)).rejects.toBeInstanceOf(RowExistsError);
    const second = await table.replace({ ...key, text: 'b' }, etag);
    await expect(table.replace(row, etag)).rejects.toBeInstanceOf(RowChangedError);
    await table.merge({ ...key, money: 1n });
    expect(await table.get('p', 'a')).toMatchObject({ text: 'b', money: 1n });
    await expect(table.remove(key, second)).rejects.toBeInstanceOf(RowChangedError);
    await expect(
      table.transact([
        { kind: 'upsert', row: { partitionKey: 'p', rowKey: 'b' } },
        { kind: 'insert', row },
      ]),
    ).rejects.toBeInstanceOf(RowExistsError);
    expect(await table.get('p', 'b')).toBeUndefined();
    const etags = await table.transact([
      { kind: 'insert', row: { partitionKey: 'p', rowKey: 'b', count: 2 } },
      { kind: 'merge', row: { ...key, share: 0.5 } },
    ]);
    expect(etags.map((text) => text.length > 0)).toEqual([true, true]);
    expect((await all(table.query({ partitionKey: 'p', from: 'b' }))).map(({ count }) => count)).toEqual([2]);
    expect(await table.remove(key)).toBe(true);
    expect(await table.remove(key)).toBe(false);
  },
);
