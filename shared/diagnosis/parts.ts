import type { ServiceBusClient } from '@azure/service-bus';
import type { Settings } from '../config/settings.ts';
import { createDeadLetterStore, type DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import { openExportFiles } from '../export/open-export-files.ts';
import type { ExportFiles } from '../export/usage-export.ts';
import { createLedger, type Ledger } from '../ledger/ledger.ts';
import type { PolicyRow } from '../limits/policies/changes/policy-rows.ts';
import { PolicyBook } from '../limits/policies/policy-book.ts';
import type { LimitRow } from '../limits/state/limit-rows.ts';
import { createPayiClient, type PayiClient } from '../payi/client.ts';
import { useOwnPrices } from '../pricing/own-prices.ts';
import { createOutbox, type Outbox } from '../publishing/outbox.ts';
import { openServiceBus } from '../service-bus/client.ts';
import { openTables } from '../tables/open.ts';
import type { Table, Tables } from '../tables/table.ts';
import type { Clock } from '../util/clock.ts';

/** What a diagnosis looks at. Nothing runs in the background, so that it can be made where the app does not start. */
export interface DiagnosisParts {
  settings: Settings;
  clock: Clock;
  tables: Tables;
  /** A client for one look. */
  connect: () => ServiceBusClient;
  payi: PayiClient;
  ledger: Ledger;
  outbox: Outbox;
  deadLetters: DeadLetterStore;
  policies: PolicyBook;
  limits: Table<LimitRow>;
  /** Absent where the export is off. */
  exportFiles?: (() => Promise<ExportFiles>) | undefined;
}

/** Opens them; no request is made yet. */
export function openParts(settings: Settings, clock: Clock): DiagnosisParts {
  useOwnPrices(settings.MODEL_PRICES);
  const tables = openTables({
    connection: settings.TablesConnection,
    endpoint: settings.TablesConnection__endpoint,
    prefix: settings.TABLE_PREFIX,
    clock,
  });
  const deadLetters = createDeadLetterStore(tables);
  return {
    settings,
    clock,
    tables,
    connect: () =>
      openServiceBus({
        connection: settings.ServiceBusConnection,
        namespace: settings.ServiceBusConnection__fullyQualifiedNamespace,
        timeoutMs: settings.PUBLISH_TIMEOUT_MS,
      }),
    payi: createPayiClient({
      baseUrl: settings.PAYI_BASE_URL,
      apiKey: settings.PAYI_API_KEY ?? '',
      dialect: settings.PAYI_API_DIALECT,
      timeoutMs: settings.PAYI_TIMEOUT_MS,
      clock,
    }),
    ledger: createLedger(tables),
    outbox: createOutbox(tables, deadLetters, clock),
    deadLetters,
    policies: new PolicyBook(tables.open<PolicyRow>('limitpolicies'), settings.LIMITS, clock),
    limits: tables.open<LimitRow>('limits'),
    exportFiles: openExportFiles(settings),
  };
}
