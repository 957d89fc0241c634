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
import type { BenchPart, PartResult } from '../part.ts';

/** Events of the run; `BENCH_EVENTS=1000000` is the long one. */
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 10_000);
/** One call an event is slow: this many tell its rate. */
const SINGLE_EVENTS = 1_000;
/** What a call to Pay-i takes on its way there and back, in ms, in addition to what it takes on the same machine. */
const DISTANCE_MS = 30;
const BATCH = 200;
/** Of each way, before anything is measured: whoever ran first would pay for compiling what all of them use. */
const WARM_UP_EVENTS = 2_000;
/** What is in the queue at once, so that a long run measures the ingest and not the broker's memory. */
const FILL = 10_000;

type Ingest = (messages: ServiceBusReceivedMessage[]) => Promise<unknown>;

async function run({ progress }: { progress: (text: string) => void }): Promise<PartResult> {
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
  const ways: Record<string, Ingest> = {
    'drain and post the same bulks (floor)': (messages) => api.ingest.bulkUpsert(messages.map(itemOf)),
    'one HTTP call an event, 8 at once': (messages) =>
      inParallel(messages, 8, (message) => api.ingest.single(itemOf(message))),
    'one HTTP call an event, one after the other': async (messages) => {
      for (const message of messages) await api.ingest.single(itemOf(message));
    },
    Trailmeter: (messages) =>
      delivery.ingest(
        messages.map((message) => ({
          body: message.body as unknown,
          messageId: String(message.messageId),
          redelivered: (message.deliveryCount ?? 0) > 0,
          properties: message.applicationProperties ?? {},
        })),
      ),
  };

  async function measure(name: string, ingest: Ingest, distanceMs: number, most = EVENTS) {
    const events = Math.min(most, name.startsWith('one') ? SINGLE_EVENTS : distanceMs ? 10_000 : EVENTS);
    payi.reset();
    payi.faults.clear();
    if (distanceMs) payi.faults.add({ delayMs: distanceMs });
    let spentMs = 0;
    let firstMb = 0;
    const receiver = client.createReceiver('usage-events', { maxAutoLockRenewalDurationInMs: 0 });
    for (let done = 0; done < events; ) {
      const fill = Math.min(FILL, events - done);
      const made = Array.from({ length: fill }, () => usageEvent({ eventId: uuidV7(Date.now()) }));
      await delivery.queue.send(made.map((event) => ({ outgoing: firstSend(event) })));
      const begun = performance.now();
      for (let left = fill; left > 0; ) {
        const messages = await receiver.receiveMessages(Math.min(BATCH, left));
        await ingest(messages);
        await Promise.all(messages.map((message) => receiver.completeMessage(message)));
        left -= messages.length;
      }
      spentMs += performance.now() - begun;
      done += fill;
      firstMb ||= memoryMb();
      progress(`${name}, ${distanceMs} ms away: ${done} of ${events}`);
    }
    await receiver.close();
    const summary = payi.inspect.summary();
    const calls = Object.values(summary.requests).reduce((sum, count) => sum + count, 0);
    return {
      name,
      payiAwayMs: distanceMs,
      events: summary.events,
      eventsPerSecond: Math.round((events / spentMs) * 1_000),
      callsPer1000Events: Number(((calls / events) * 1_000).toFixed(1)),
      heapGrowthMb: memoryMb() - firstMb,
    };
  }

  try {
    for (const [name, ingest] of Object.entries(ways)) await measure(name, ingest, 0, WARM_UP_EVENTS);
    const rows: Awaited<ReturnType<typeof measure>>[] = [];
    for (const distanceMs of [0, DISTANCE_MS])
      for (const [name, ingest] of Object.entries(ways)) rows.push(await measure(name, ingest, distanceMs));
    const row = (start: string, distanceMs: number) => {
      const found = rows.find(({ name, payiAwayMs }) => name.startsWith(start) && payiAwayMs === distanceMs);
      if (!found) throw new Error(`The benchmark has no row ${start}.`);
      return found;
    };
    const ratio = (to: string, distanceMs: number) =>
      row('Trailmeter', distanceMs).eventsPerSecond / row(to, distanceMs).eventsPerSecond;
    const single = (distanceMs: number) => {
      const got = ratio('one HTTP call an event, one', distanceMs);
      return { goal: '≥ 20×', got: `${got.toFixed(1)}×`, met: got >= 20 };
    };
    const floor = (distanceMs: number) => {
      const got = ratio('drain', distanceMs);
      return { goal: '≥ 70 %', got: `${Math.round(got * 100)} %`, met: got >= 0.7 };
    };
    const ours = row('Trailmeter', 0);
    // The stand-ins keep every event in this process, for the floor as for us.
    const growthMb = ours.heapGrowthMb - row('drain', 0).heapGrowthMb;
    return {
      on: [
        'our broker',
        'our Pay-i stand-in',
        'Azurite 3.35.0',
        '@azure/service-bus 7.9.5',
        'all in 2 processes on one machine',
      ],
      rows,
      goals: [
        { name: `against one call an event, Pay-i ${DISTANCE_MS} ms away`, ...single(DISTANCE_MS) },
        { name: 'against one call an event, Pay-i on the same machine', ...single(0) },
        { name: `against the floor, Pay-i ${DISTANCE_MS} ms away`, ...floor(DISTANCE_MS) },
        { name: 'against the floor, Pay-i on the same machine', ...floor(0) },
        {
          name: 'calls per 1,000 events',
          goal: '≤ 50',
          got: `${ours.callsPer1000Events}`,
          met: ours.callsPer1000Events <= 50,
        },
        {
          name: `memory over ${ours.events} events`,
          goal: 'heap grows by ≤ 20 MB more than the floor’s',
          got: `${growthMb} MB`,
          met: growthMb <= 20,
        },
      ],
    };
  } finally {
    await delivery.close();
    await client.close();
    await Promise.all([broker.close(), azurite.close(), payi.close()]);
  }
}

function memoryMb(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1_048_576);
}

const part: BenchPart = { part: 'delivery', run };
export default part;
