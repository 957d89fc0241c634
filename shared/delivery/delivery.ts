import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import type { PayiClient } from '../payi/client.ts';
import type { Tables } from '../tables/table.ts';
import { describeError, type Telemetry } from '../telemetry.ts';
import { type Audit, audit } from './audit.ts';
import { createBreaker } from './breaker.ts';
import { createPublisher } from './create-publisher.ts';
import { createDeadLetterDesk, type DeadLetterDesk } from './dead-letter-desk.ts';
import { createDeadLetterStore } from './dead-letters.ts';
import { type BatchReport, ingestBatch } from './ingest-batch.ts';
import { createKpiScores } from './kpi-scores.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import type { Received } from './outgoing.ts';
import type { Publisher } from './publisher.ts';
import { openQueueView } from './queue-view.ts';
import { createRegister, type Register } from './register.ts';
import { prune } from './retention.ts';
import { openServiceBus, openUsageQueue, type UsageQueue } from './usage-queue.ts';
import { createUsageSink } from './usage-sink.ts';
import { within } from './within.ts';

/** Everything of delivery that the functions of a process share. */
export interface Delivery {
  publisher: Publisher;
  ingest(messages: Received[]): Promise<BatchReport>;
  queue: UsageQueue;
  outbox: Outbox;
  ledger: Ledger;
  register: Register;
  deadLetters: DeadLetterDesk;
  /** Conservation (D2) over the last `days`. */
  audit(days: number): Promise<Audit>;
  /** Deletes what is older than the retention (days). @returns how many rows */
  prune(days: number): Promise<number>;
  /** Sends what waits in memory, then closes the connection. */
  close(): Promise<void>;
}

export interface DeliveryOptions {
  settings: Settings;
  tables: Tables;
  payi: PayiClient;
  /** Makes limits at Pay-i that it does not know yet, before each batch. */
  ensureLimits(limitIds: Iterable<string>): Promise<void>;
  /** Told of the limits whose spend has changed at Pay-i and of our estimate of it (nano-USD), after each batch. */
  refreshLimits(reported: ReadonlyMap<string, bigint>): void | Promise<void>;
  clock: Clock;
  telemetry: Telemetry;
  /** Other than Service Bus, for tests. */
  queue?: UsageQueue;
  random?(): number;
  step?(name: string): void | Promise<void>;
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { settings, tables, payi, clock, telemetry, ensureLimits, refreshLimits, random = Math.random, step } = options;
  const timeoutMs = settings.PUBLISH_TIMEOUT_MS;
  const connect = () =>
    openServiceBus({
      connection: settings.ServiceBusConnection,
      namespace: settings.ServiceBusConnection__fullyQualifiedNamespace,
      timeoutMs,
    });
  const client = connect();
  const queue = options.queue ?? openUsageQueue(client, settings.USAGE_QUEUE);
  const view = openQueueView(connect, settings.USAGE_QUEUE);
  const register = createRegister(tables, clock, telemetry);
  const ledger = createLedger(tables);
  const store = createDeadLetterStore(tables);
  const outbox = createOutbox(tables, store, clock);
  const deadLetters = createDeadLetterDesk({ store, view, queue, ledger, clock });
  const breaker = createBreaker({ threshold: 3, pauseMs: 15_000 });
  const sink = createUsageSink({
    payi,
    mode: settings.PAYI_INGEST_MODE,
    maxItems: settings.PAYI_BATCH_ITEMS,
    maxBytes: settings.PAYI_BATCH_BYTES,
    report(verdict) {
      if (verdict.kind === 'transient' || verdict.kind === 'uncertain')
        breaker.failed(clock.now(), verdict.retryAfterMs);
      else breaker.succeeded();
    },
    clock,
    telemetry,
  });
  const kpis = createKpiScores(tables, payi);
  const ingestOptions = {
    sink,
    kpis,
    queue,
    outbox,
    ledger,
    deadLetters: store,
    breaker,
    ensureLimits,
    refreshLimits,
    clock,
    random,
    telemetry,
    ...(step && { step }),
  };
  const publisher = createPublisher({ queue, outbox, register, timeoutMs, clock, telemetry });
  return {
    publisher,
    ingest: (messages) => ingestBatch(messages, ingestOptions),
    queue,
    outbox,
    ledger,
    register,
    deadLetters,
    audit: (days) => audit({ register, outbox, view, ledger, deadLetters: store, clock }, days),
    prune: (days) => prune({ register, ledger, deadLetters: store, kpis, clock }, days),
    async close() {
      await publisher.close();
      // A link that hangs must not keep the process from ending.
      await within(2_000, client.close(), clock).catch((error: unknown) =>
        telemetry.warn('service-bus-not-closed', describeError(error)),
      );
    },
  };
}
