import type { ServiceBusClient } from '@azure/service-bus';
import type { Settings } from '../../shared/config/settings.ts';
import { createDeadLetterService, type DeadLetterService } from '../../shared/dead-letters/dead-letter-service.ts';
import { createDeadLetterStore, type DeadLetterStore } from '../../shared/dead-letters/dead-letter-store.ts';
import type { Publisher } from '../../shared/events/publisher.ts';
import { createLedger, type Ledger } from '../../shared/ledger/ledger.ts';
import { createPublishedEvents, type PublishedEvents } from '../../shared/ledger/published-events.ts';
import { createPublisher } from '../../shared/publishing/create-publisher.ts';
import { createOutbox, type Outbox } from '../../shared/publishing/outbox.ts';
import { openServiceBus } from '../../shared/service-bus/client.ts';
import { openQueueBrowser, type QueueBrowser } from '../../shared/service-bus/queue-browser.ts';
import { openUsageQueue, type UsageQueue } from '../../shared/service-bus/usage-queue.ts';
import type { Tables } from '../../shared/tables/table.ts';
import { describeError, type Telemetry } from '../../shared/telemetry/telemetry.ts';
import { createInstanceIndex, type InstanceIndex } from '../../shared/usage/instance-index/instance-index.ts';
import { createLateMarks, type LateMarks, type MarksFor } from '../../shared/usage/rollups/late-marks.ts';
import { markedLedger } from '../../shared/usage/rollups/marked-ledger.ts';
import { anonymousLetters, createErasedUsers, type ErasedUsers } from '../../shared/user-data/erased-users.ts';
import type { Clock } from '../../shared/util/clock.ts';
import { withTimeout } from '../../shared/util/with-timeout.ts';

/** What makes events durable, and what is known of events that were published. */
export interface Publishing {
  publisher: Publisher;
  queue: UsageQueue;
  view: QueueBrowser;
  outbox: Outbox;
  ledger: Ledger;
  /** Where in the ledger the events of an instance are. */
  instanceIndex: InstanceIndex;
  /** Hours of the ledger that got events after they ended. */
  lateMarks: LateMarks;
  /** The same for the export; none are set where it is off. */
  exportMarks: LateMarks;
  register: PublishedEvents;
  deadLetterStore: DeadLetterStore;
  /** Users whose data were deleted: late events of their calls are made anonymous. */
  erased: ErasedUsers;
  deadLetters: DeadLetterService;
  /** Sends what waits in memory, then closes the connection. */
  close(): Promise<void>;
}

export interface PublishingOptions {
  settings: Settings;
  tables: Tables;
  clock: Clock;
  telemetry: Telemetry;
  /** Other than Service Bus, for tests. */
  queue?: UsageQueue;
}

/** A link that hangs must not keep the process from ending. */
const CLOSE_MS = 2_000;

export function createPublishing({ settings, tables, clock, telemetry, ...options }: PublishingOptions): Publishing {
  const timeoutMs = settings.PUBLISH_TIMEOUT_MS;
  const connect = (): ServiceBusClient =>
    openServiceBus({
      connection: settings.ServiceBusConnection,
      namespace: settings.ServiceBusConnection__fullyQualifiedNamespace,
      timeoutMs,
    });
  const client = connect();
  const queue = options.queue ?? openUsageQueue(client, settings.USAGE_QUEUE);
  const view = openQueueBrowser(connect, settings.USAGE_QUEUE);
  const marksOf = (marksFor: MarksFor) =>
    createLateMarks({ tables, clock, telemetry, keptDays: settings.LEDGER_RETENTION_DAYS, marksFor });
  const lateMarks = marksOf('late');
  const indexMarks = marksOf('late-index');
  const exportMarks = marksOf('late-export');
  const exported = settings.EXPORT_CONTAINER === undefined ? [] : [exportMarks];
  const ledger = markedLedger(createLedger(tables, settings.USAGE_PROPERTIES), lateMarks, indexMarks, ...exported);
  const instanceIndex = createInstanceIndex({ tables, ledger, marks: indexMarks, clock, telemetry });
  const register = createPublishedEvents(tables, clock, telemetry);
  const erased = createErasedUsers(tables, clock, telemetry);
  const deadLetterStore = anonymousLetters(createDeadLetterStore(tables), erased);
  const outbox = createOutbox(tables, deadLetterStore, clock);
  const publisher = createPublisher({ queue, outbox, register, timeoutMs, clock, telemetry });
  return {
    publisher,
    queue,
    view,
    outbox,
    ledger,
    instanceIndex,
    lateMarks,
    exportMarks,
    register,
    deadLetterStore,
    erased,
    deadLetters: createDeadLetterService({ store: deadLetterStore, view, queue, ledger, clock }),
    async close() {
      await publisher.close();
      await withTimeout(CLOSE_MS, client.close(), clock).catch((error: unknown) =>
        telemetry.warn('service-bus-not-closed', describeError(error)),
      );
    },
  };
}
