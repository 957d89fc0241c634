import type { Settings } from '../config/settings.ts';
import { createDeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import { createLedger } from '../ledger/ledger.ts';
import { createPublishedEvents } from '../ledger/published-events.ts';
import type { OwnerRow } from '../limits/owners/owner-rows.ts';
import type { PolicyRow } from '../limits/policies/changes/policy-rows.ts';
import { PolicyBook } from '../limits/policies/policy-book.ts';
import type { LimitRow } from '../limits/state/limit-rows.ts';
import { createOutbox } from '../publishing/outbox.ts';
import { openServiceBus } from '../service-bus/client.ts';
import { openQueueBrowser } from '../service-bus/queue-browser.ts';
import { openTables } from '../tables/open.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createInstanceIndex } from '../usage/instance-index/instance-index.ts';
import { createRefusalRows } from '../usage/refusals/refusal-rows.ts';
import { createLateMarks } from '../usage/rollups/late-marks.ts';
import { createUsageService } from '../usage/usage-service.ts';
import type { Clock } from '../util/clock.ts';
import { DAY_MS, dayOf } from '../util/days.ts';
import { type RebuiltLimits, rebuildLimits } from './rebuild-limits.ts';
import { type RebuiltRegister, rebuildRegister } from './rebuild-register.ts';

/** Makes again what is derived from the ledger. Each may run while the app does, and twice. */
export interface Rebuild {
  /** Limit state. First: until then a limit whose state got lost counts from 0. */
  limits(): Promise<RebuiltLimits>;
  /** Which events were published: what the audit compares with. */
  register(): Promise<RebuiltRegister>;
  /** Where in the ledger the events of an instance are. @returns how many events were read */
  instances(): Promise<number>;
  /** Rollups. @returns how many hours and days */
  usage(): Promise<number>;
}

export function openRebuild(settings: Settings, clock: Clock, telemetry: Telemetry): Rebuild {
  const tables = openTables({
    connection: settings.TablesConnection,
    endpoint: settings.TablesConnection__endpoint,
    prefix: settings.TABLE_PREFIX,
    clock,
  });
  const connect = () =>
    openServiceBus({
      connection: settings.ServiceBusConnection,
      namespace: settings.ServiceBusConnection__fullyQualifiedNamespace,
      timeoutMs: settings.PUBLISH_TIMEOUT_MS,
    });
  const keptDays = settings.LEDGER_RETENTION_DAYS;
  const firstDay = () => dayOf(clock.now() - keptDays * DAY_MS);
  const ledger = createLedger(tables);
  const deadLetters = createDeadLetterStore(tables);
  const outbox = createOutbox(tables, deadLetters, clock);
  const view = openQueueBrowser(connect, settings.USAGE_QUEUE);
  const register = createPublishedEvents(tables, clock, telemetry);
  const policies = new PolicyBook(tables.open<PolicyRow>('limitpolicies'), settings.LIMITS, clock);

  async function countOnTheWay(): Promise<number> {
    let events = 0;
    for await (const _ of outbox.eventIds()) events += 1;
    // One that waits was tried, so the ledger has it.
    for await (const { state } of view.messages()) if (state === 'queued') events += 1;
    return events;
  }

  return {
    async limits() {
      await policies.read();
      const limits = tables.open<LimitRow>('limits');
      return rebuildLimits({
        limits,
        clock,
        random: Math.random,
        ledger,
        holders: tables.open<OwnerRow>('limitholders'),
        properties: settings.USAGE_PROPERTIES,
        policies: policies.current(),
        overrides: policies.overrides(),
        countOnTheWay,
      });
    },
    register: () => rebuildRegister({ register, outbox, view, ledger, deadLetters }, firstDay()),
    instances: () =>
      createInstanceIndex({
        tables,
        ledger,
        marks: createLateMarks({ tables, clock, telemetry, keptDays, marksFor: 'late-index' }),
        clock,
        telemetry,
      }).foldAgain(),
    usage: () =>
      createUsageService({
        tables,
        ledger,
        marks: createLateMarks({ tables, clock, telemetry, keptDays }),
        refusals: createRefusalRows(tables),
        clock,
        telemetry,
      }).foldAgain(),
  };
}
