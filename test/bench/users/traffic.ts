import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { createDelivery } from '../../../functions/services/delivery.ts';
import { createPublishing } from '../../../functions/services/publishing.ts';
import { startPayi } from '../../../infra/local/payi/src/server.ts';
import { queues } from '../../../infra/local/queues.ts';
import { startBroker } from '../../../infra/local/servicebus/src/broker.ts';
import { settingsSchema } from '../../../shared/config/settings.ts';
import { createLimits } from '../../../shared/limits/limit-service.ts';
import { defaultPolicies } from '../../../shared/limits/policies/policy.ts';
import { createPayiClient } from '../../../shared/payi/client.ts';
import { openTables } from '../../../shared/tables/open.ts';
import { systemClock } from '../../../shared/util/clock.ts';
import { uuidV7 } from '../../../shared/util/ids.ts';
import { fromUsd } from '../../../shared/util/money.ts';
import { costing } from '../../support/amounts.ts';
import { noting, usageEvent } from '../../support/events.ts';
import { counting } from '../count-requests.ts';

/** Calls at once. */
const CALLS_AT_ONCE = 16;
/** What host.json says of a batch of the queue. */
const batchShape = { least: 100, most: 200, waitMs: 1_000 };
/** What a call to Pay-i takes on its way there and back, in ms. */
export const DISTANCE_MS = 30;
const quiet = { ...noting(), count: () => undefined, measure: () => undefined };

export interface TrafficRow {
  users: number;
  calls: number;
  callsPerSecond: number;
  tableRequestsPerCall: number;
  payiRequestsPer1000Events: number;
  closeSeconds: number;
}

/** Calls of so many users in turn with the default policies: held, published, settled, and ingested in the same process. */
export async function measureTraffic(connection: string, users: number, calls: number): Promise<TrafficRow> {
  const [broker, payi] = await Promise.all([startBroker({ config: queues, port: 0 }), startPayi()]);
  const count = { requests: 0 };
  const tables = counting(openTables({ connection, prefix: `users${users}x${Date.now()}` }), count);
  const api = createPayiClient({ baseUrl: payi.url, apiKey: 'bench', timeoutMs: 20_000 });
  const settings = settingsSchema.parse({ ServiceBusConnection: broker.connectionString });
  const shared = { settings, tables, clock: systemClock, telemetry: quiet };
  const publishing = createPublishing(shared);
  const limits = createLimits({
    ...shared,
    policies: defaultPolicies.map((policy) => ({ ...policy, maxUsd: (policy.maxUsd ?? 0) * 1_000 })),
    payi: api.limits,
    publisher: publishing.publisher,
  });
  const none = { prune: async () => 0 };
  const delivery = createDelivery({ ...shared, publishing, limits, payi: api, keyedRuns: none, rateLimits: none });
  const client = new ServiceBusClient(broker.connectionString);
  payi.faults.add({ delayMs: DISTANCE_MS });

  const call = async (user: number) => {
    const userId = `user-${user}`;
    const eventId = uuidV7(Date.now());
    const facts = { useCaseName: 'trail_finder', useCaseId: eventId, occurredAtMs: Date.now(), userId };
    const hold = await limits.gate.hold({
      ...facts,
      eventId,
      bound: costing(fromUsd(0.03)),
      category: 'system.anthropic',
      resource: 'claude-sonnet-5-5',
    });
    const { limitIds } = hold;
    await publishing.publisher.publish(
      usageEvent({ eventId, occurredAt: new Date().toISOString(), userId, limitIds, holdIds: [hold.id] }),
    );
    await hold.settle(costing(fromUsd(0.02)), 'succeeded');
  };
  const run = async (first: number, most: number) => {
    let next = first;
    const caller = async () => {
      while (next < first + most) await call(next++ % users);
    };
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
  };

  try {
    const ingested = ingestAll(client, calls + 500, delivery.ingest);
    await run(users * 10, 500);
    count.requests = 0;
    const before = requestsOf(payi);
    const begun = performance.now();
    await run(users * 10 + 500, calls);
    const seconds = (performance.now() - begun) / 1_000;
    await ingested;
    const closing = performance.now();
    await limits.close();
    return {
      users,
      calls,
      callsPerSecond: Math.round(calls / seconds),
      tableRequestsPerCall: Number((count.requests / calls).toFixed(2)),
      payiRequestsPer1000Events: Number((((requestsOf(payi) - before) / calls) * 1_000).toFixed(1)),
      closeSeconds: Number(((performance.now() - closing) / 1_000).toFixed(1)),
    };
  } finally {
    await limits.close();
    await delivery.close();
    await client.close();
    await Promise.all([broker.close(), payi.close()]);
  }
}

const requestsOf = (payi: Awaited<ReturnType<typeof startPayi>>): number =>
  Object.values(payi.inspect.summary().requests).reduce((sum, count) => sum + count, 0);

type Ingest = ReturnType<typeof createDelivery>['ingest'];

/** Ingests so many events in batches as the host makes them. */
async function ingestAll(client: ServiceBusClient, events: number, ingest: Ingest): Promise<void> {
  const receiver = client.createReceiver('usage-events', { maxAutoLockRenewalDurationInMs: 0 });
  for (let done = 0; done < events; ) {
    const messages: ServiceBusReceivedMessage[] = [];
    for (let untilMs = Number.POSITIVE_INFINITY; messages.length < batchShape.least && Date.now() < untilMs; ) {
      const maxWaitTimeInMs = Math.max(50, Math.min(2_000, untilMs - Date.now()));
      messages.push(...(await receiver.receiveMessages(batchShape.most - messages.length, { maxWaitTimeInMs })));
      if (messages.length > 0) untilMs = Math.min(untilMs, Date.now() + batchShape.waitMs);
    }
    await ingest(
      messages.map((message) => ({
        body: message.body as unknown,
        messageId: String(message.messageId),
        redelivered: (message.deliveryCount ?? 0) > 0,
        properties: message.applicationProperties ?? {},
      })),
    );
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
    done += messages.length;
  }
  await receiver.close();
}
