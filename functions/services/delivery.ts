import { type Audit, audit } from '../../shared/audit/audit.ts';
import { prune } from '../../shared/audit/retention.ts';
import { listWaiting, type Waiting } from '../../shared/audit/waiting.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Received } from '../../shared/events/queued-event.ts';
import { createBatchStore } from '../../shared/gateways/anthropic/batches/batch-store.ts';
import type { KeyedRuns } from '../../shared/idempotency/keyed-runs.ts';
import { type BatchReport, ingestBatch } from '../../shared/ingest/ingest-batch.ts';
import { ingestModeOf } from '../../shared/ingest/ingest-modes.ts';
import { createKpiScores } from '../../shared/ingest/kpi-scores.ts';
import { createPayiIngester } from '../../shared/ingest/payi-ingester.ts';
import { reportTo } from '../../shared/ingest/report-to.ts';
import { createInstanceStore } from '../../shared/instances/instance-store.ts';
import type { LimitService } from '../../shared/limits/limit-service.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { loadAnthropic } from '../../shared/model/clients/load-anthropic.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import type { RateLimits } from '../../shared/rate-limits/rate-limits.ts';
import { type Reconciliation, reconcileDay } from '../../shared/reconcile/reconcile-day.ts';
import type { Tables } from '../../shared/tables/table.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createRollupStore } from '../../shared/usage/rollups/rollup-store.ts';
import { createCircuitBreaker } from '../../shared/util/circuit-breaker.ts';
import type { Clock } from '../../shared/util/clock.ts';
import type { Publishing } from './publishing.ts';

/** Publishing, ingest at Pay-i and the audit of both: everything of delivery that the functions of a process share. */
export interface Delivery extends Publishing {
  ingest(messages: Received[]): Promise<BatchReport>;
  /** Conservation (D2) over the last `days`. */
  audit(days: number): Promise<Audit>;
  /** What waits, since when and why. */
  waiting(): Promise<Waiting>;
  /** The books of a day (UTC). @param lookUps at Pay-i, at most */
  reconcile(day: string, lookUps: number, policies: readonly Policy[]): Promise<Reconciliation>;
  /** Deletes what is older than the retention of the settings, and keyed runs after a day. @returns how many rows */
  prune(): Promise<number>;
}

export interface DeliveryOptions {
  publishing: Publishing;
  /** Creates limits at Pay-i before a batch, and refreshes those that it touched. */
  limits: Pick<LimitService, 'ensureLimits' | 'refreshLimits' | 'prune'>;
  keyedRuns: Pick<KeyedRuns, 'prune'>;
  rateLimits: Pick<RateLimits, 'prune'>;
  settings: Settings;
  tables: Tables;
  payi: PayiClient;
  clock: Clock;
  telemetry: Telemetry;
  random?(): number;
  step?(name: string): void | Promise<void>;
}

const REPORT_TIMEOUT_MS = 30_000;

export function createDelivery(options: DeliveryOptions): Delivery {
  const {
    publishing,
    settings,
    tables,
    payi,
    limits,
    keyedRuns,
    rateLimits,
    clock,
    telemetry,
    random = Math.random,
    step,
  } = options;
  const { queue, outbox, ledger, instanceIndex, register, view, deadLetterStore: deadLetters } = publishing;
  const breaker = createCircuitBreaker({
    threshold: 3,
    pauseMs: 15_000,
    changed: (state) => telemetry.warn('circuit-changed', { service: 'payi', state }),
  });
  const sink = createPayiIngester({
    payi,
    mode: ingestModeOf(settings),
    maxItems: settings.PAYI_BATCH_ITEMS,
    maxBytes: settings.PAYI_BATCH_BYTES,
    report: reportTo(breaker, clock),
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
    deadLetters,
    breaker,
    ensureLimits: limits.ensureLimits,
    refreshLimits: limits.refreshLimits,
    clock,
    random,
    telemetry,
    ...(step && { step }),
  };
  const usage = createRollupStore(tables);
  return {
    ...publishing,
    ingest: async (messages) => ingestBatch(await publishing.erased.anonymise(messages), ingestOptions),
    audit: (days) => audit({ register, outbox, view, ledger, deadLetters, clock }, days),
    waiting: () => listWaiting({ outbox, view, ledger, deadLetters, clock }),
    reconcile: (day, lookUps, policies) =>
      reconcileDay(
        { ledger, outbox, view, deadLetters, payi, policies, provider: reportOf(settings), clock },
        day,
        lookUps,
      ),
    prune: () =>
      prune(
        {
          register,
          ledger,
          instanceIndex,
          deadLetters,
          kpis,
          limits,
          usage,
          refusals: createRefusalRows(tables),
          batches: createBatchStore(tables),
          keyedRuns,
          rateLimits,
          instances: createInstanceStore(tables),
          clock,
        },
        { events: settings.LEDGER_RETENTION_DAYS, usage: settings.USAGE_RETENTION_DAYS },
      ),
  };
}

/** Anthropic's own report, where Anthropic serves the models and a key of its Admin API is set. */
function reportOf(settings: Settings) {
  const { ANTHROPIC_PLATFORM: platform, ANTHROPIC_ADMIN_API_KEY: apiKey, ANTHROPIC_BASE_URL: baseUrl } = settings;
  if (platform !== 'anthropic' || apiKey === undefined) return undefined;
  const client = loadAnthropic({ apiKey, baseUrl, timeoutMs: REPORT_TIMEOUT_MS });
  return { client, apiKeyIds: settings.ANTHROPIC_API_KEY_IDS };
}
