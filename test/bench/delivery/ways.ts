import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { startPayi } from '../../../infra/local/payi/src/server.ts';
import { queues } from '../../../infra/local/queues.ts';
import { startBroker } from '../../../infra/local/servicebus/src/broker.ts';
import { startTables } from '../../../infra/local/tables/src/tables.ts';
import { settingsSchema } from '../../../shared/config/settings.ts';
import { firstSend } from '../../../shared/events/queued-event.ts';
import type { UsageEvent } from '../../../shared/events/usage-event.ts';
import { createPayiClient } from '../../../shared/payi/client.ts';
import { ingestItem } from '../../../shared/payi/ingest/ingest-item.ts';
import { openTables } from '../../../shared/tables/open.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { inParallel } from '../../../shared/util/in-parallel.ts';
import { startDelivery } from '../../support/delivery.ts';
import { noting, usageEvent } from '../../support/events.ts';
import { idOfInstance } from './instance-ids.ts';

type Ingest = (messages: ServiceBusReceivedMessage[]) => Promise<unknown>;

export const OURS = 'Trailmeter';
/** Ids that callers chose do not say when the events of their instances were. */
export const CHOSEN = 'Trailmeter, ids of instances chosen by callers';
export const FLOOR = 'drain and post the same bulks (floor)';
export const EIGHT = 'one HTTP call an event, 8 at once';
export const SINGLE = 'one HTTP call an event, one after the other';
export type Way = typeof OURS | typeof CHOSEN | typeof FLOOR | typeof EIGHT | typeof SINGLE;
export const ways: Way[] = [FLOOR, EIGHT, SINGLE, OURS, CHOSEN];

const BATCH = 200;
/** What is in the queue at once, so that a long run measures the ingest and not the broker's memory. */
const FILL = 10_000;

/** What so many events took from the queue to Pay-i, the filling of the queue left out. */
export interface Delivered {
  wallUs: number;
  /** Of this process, with the broker and Pay-i in it: the same for each way. */
  cpuUs: number;
  payiCalls: number;
  /** How much more is in use after the last filling than after the first. */
  heapGrowthMb: number;
}

export interface Deliveries {
  deliver(way: Way, distanceMs: number, events: number): Promise<Delivered>;
  close(): Promise<void>;
}

/** The broker, Pay-i and Table Storage as stand-ins, and the ways from one to the other. `distanceMs` is what a call to Pay-i waits. */
export async function startDeliveries(): Promise<Deliveries> {
  const [broker, azurite, payi] = await Promise.all([
    startBroker({ config: queues, port: 0 }),
    startTables(),
    startPayi(),
  ]);
  const client = new ServiceBusClient(broker.connectionString);
  const api = createPayiClient({ baseUrl: payi.url, apiKey: 'bench', timeoutMs: 20_000 });
  const delivery = startDelivery({
    settings: settingsSchema.parse({ ServiceBusConnection: broker.connectionString }),
    tables: openTables({ connection: azurite.connectionString, prefix: 'bench' }),
    payi: api,
    ensureLimits: async () => undefined,
    refreshLimits: () => undefined,
    clock: systemClock,
    telemetry: { ...noting(), count: () => undefined, measure: () => undefined },
  });
  const itemOf = ({ body }: ServiceBusReceivedMessage) => ingestItem(body as UsageEvent);
  const ingest: Ingest = (messages) =>
    delivery.ingest(
      messages.map((message) => ({
        body: message.body as unknown,
        messageId: String(message.messageId),
        redelivered: (message.deliveryCount ?? 0) > 0,
        properties: message.applicationProperties ?? {},
      })),
    );
  const ingests: Record<Way, Ingest> = {
    [FLOOR]: (messages) => api.ingest.bulkUpsert(messages.map(itemOf)),
    [EIGHT]: (messages) => inParallel(messages, 8, (message) => api.ingest.single(itemOf(message))),
    [SINGLE]: async (messages) => {
      for (const message of messages) await api.ingest.single(itemOf(message));
    },
    [OURS]: ingest,
    [CHOSEN]: ingest,
  };

  async function fill(way: Way, events: number): Promise<void> {
    const made = Array.from({ length: events }, () => {
      const eventId = uuidV7(Date.now());
      return usageEvent({
        eventId,
        useCase: { name: 'trail_search', id: idOfInstance(eventId, way === CHOSEN ? 'callers' : 'ours'), version: 1 },
      });
    });
    await delivery.queue.send(made.map((event) => ({ outgoing: firstSend(event) })));
  }

  return {
    async deliver(way, distanceMs, events) {
      payi.reset();
      payi.faults.clear();
      if (distanceMs > 0) payi.faults.add({ delayMs: distanceMs });
      const took = { wallUs: 0, cpuUs: 0 };
      const heap: number[] = [];
      const receiver = client.createReceiver('usage-events', { maxAutoLockRenewalDurationInMs: 0 });
      for (let done = 0; done < events; done += FILL) {
        const filled = Math.min(FILL, events - done);
        await fill(way, filled);
        const begun = performance.now();
        const before = process.cpuUsage();
        for (let left = filled; left > 0; ) {
          const messages = await receiver.receiveMessages(Math.min(BATCH, left));
          await ingests[way](messages);
          await Promise.all(messages.map((message) => receiver.completeMessage(message)));
          left -= messages.length;
        }
        const { user, system } = process.cpuUsage(before);
        took.cpuUs += user + system;
        took.wallUs += (performance.now() - begun) * 1_000;
        heap.push(memoryMb());
      }
      await receiver.close();
      const { requests, events: arrived } = payi.inspect.summary();
      if (arrived !== events) throw new Error(`${way}: ${arrived} of ${events} events arrived at Pay-i.`);
      const payiCalls = Object.values(requests).reduce((sum, count) => sum + count, 0);
      return { ...took, payiCalls, heapGrowthMb: (heap.at(-1) ?? 0) - (heap[0] ?? 0) };
    },
    async close() {
      await delivery.close();
      await client.close();
      await Promise.all([broker.close(), azurite.close(), payi.close()]);
    },
  };
}

function memoryMb(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1_048_576);
}
