import { type AdminLog, createAdminLog } from '../../shared/admin-log/admin-log.ts';
import { decodeSettings } from '../../shared/config/decode.ts';
import { openSettings } from '../../shared/config/open-settings.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Publisher } from '../../shared/events/publisher.ts';
import { openExportFiles } from '../../shared/export/open-export-files.ts';
import { createUsageExport, type UsageExport } from '../../shared/export/usage-export.ts';
import { createMessageBatches, type MessageBatches } from '../../shared/gateways/anthropic/batches/message-batches.ts';
import { createFileOwners, type FileOwners } from '../../shared/gateways/anthropic/files/file-owners.ts';
import { createUserContent, type UserContent } from '../../shared/gateways/anthropic/user-content.ts';
import { createRequestReader, type RequestReader } from '../../shared/gateways/reading/request-reader.ts';
import type { ReadinessCheck } from '../../shared/http/health.ts';
import { createRequestMemory, type RequestMemory } from '../../shared/http/memory/request-memory.ts';
import { createKeyedRuns, type KeyedRuns } from '../../shared/idempotency/keyed-runs.ts';
import { createKeyService, type KeyService } from '../../shared/identity/keys/key-service.ts';
import { createInstanceStore, type InstanceStore } from '../../shared/instances/instance-store.ts';
import type { Gate } from '../../shared/limits/gate/gate.ts';
import { noGate, noLastingHolds } from '../../shared/limits/gate/no-gate.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import { type AnthropicLoader, loadAnthropic } from '../../shared/model/clients/load-anthropic.ts';
import type { TextModel } from '../../shared/model/clients/text-model.ts';
import { createTextModel, type TextProvider } from '../../shared/model/clients/text-models.ts';
import { claudePlatform } from '../../shared/model/platforms/claude-platform.ts';
import { createPayiClient, type PayiClient } from '../../shared/payi/client.ts';
import { createKpiCatalog, type KpiCatalog } from '../../shared/payi/kpi-catalog.ts';
import { useOwnPrices } from '../../shared/pricing/own-prices.ts';
import { createRateLimits, type RateLimits } from '../../shared/rate-limits/rate-limits.ts';
import { createSeal, type Seal } from '../../shared/seal/seal.ts';
import { openServiceBus } from '../../shared/service-bus/client.ts';
import { openTables } from '../../shared/tables/open.ts';
import { describeError, jsonTelemetry, type Telemetry } from '../../shared/telemetry/telemetry.ts';
import { createMeter, type Meter } from '../../shared/tracking/meter.ts';
import { tracked } from '../../shared/tracking/tracked.ts';
import { trackedFetch } from '../../shared/tracking/tracked-fetch.ts';
import { loadSharp } from '../../shared/trails/analysis/images/load-sharp.ts';
import { createJudging, type Judging } from '../../shared/trails/judge/judging.ts';
import { type JudgeQueue, openJudgeQueue } from '../../shared/trails/judge/queue.ts';
import type { InstanceIndex } from '../../shared/usage/instance-index/instance-index.ts';
import { countRefusals } from '../../shared/usage/refusals/count-refusals.ts';
import { createRefusalRows } from '../../shared/usage/refusals/refusal-rows.ts';
import { createRefusalTally } from '../../shared/usage/refusals/refusal-tally.ts';
import { createUsageService, type UsageService } from '../../shared/usage/usage-service.ts';
import { permittedForms } from '../../shared/use-cases/use-cases.ts';
import { createUserErasure, type UserErasure } from '../../shared/user-data/erase-user.ts';
import { type Clock, systemClock } from '../../shared/util/clock.ts';
import { createDelivery, type Delivery, type DeliveryOptions } from './delivery.ts';
import { createPublishing } from './publishing.ts';
import { alertReceivers } from './receivers.ts';
import { closeTracing, startTracing } from './tracing.ts';

/** Everything that the functions of this process share, built once from the settings. */
export interface Services {
  settings: Settings;
  clock: Clock;
  telemetry: Telemetry;
  publisher: Publisher;
  payi: PayiClient;
  keys: KeyService;
  /** What admins changed. */
  adminLog: AdminLog;
  /** Queue, outbox, ledger and dead letters. */
  delivery: Delivery;
  limits: LimitService;
  gate: Gate;
  /** Batches of the Anthropic gateway. */
  batches: MessageBatches;
  /** Who uploaded which file through the Anthropic gateway. */
  fileOwners: FileOwners;
  /** What users have at the provider through the Anthropic gateway. */
  userContent: UserContent;
  /** Tracked: each call inside a `trackContext` is limited, metered and reported. */
  anthropic: AnthropicLoader;
  memory: RequestMemory;
  requestReader: RequestReader;
  /** What the tracked client meters with, for the calls that the gateways pass on. */
  meter: Meter;
  /** A text model of any provider, tracked. @throws TrailmeterError 503 when the provider has no key. */
  textModel(provider: TextProvider, model: string): TextModel;
  /** Absent when no judge is configured. Tracked too. */
  judge?: TextModel;
  /** What `GET /api/health/ready` asks. */
  readinessChecks: ReadinessCheck[];
  /** Hands answers to the judge in the background. */
  judging: Judging;
  judgeQueue: JudgeQueue;
  /** Seals what waits for the judge, and the answers of `keyedRuns`; absent without JUDGE_SEAL_KEY. */
  seal?: Seal;
  instances: InstanceStore;
  instanceIndex: InstanceIndex;
  usage: UsageService;
  /** Absent where the export is off. */
  usageExport?: UsageExport;
  /** Deletes what is kept of a user. */
  userErasure: UserErasure;
  /** Runs requests with an `Idempotency-Key` once. */
  keyedRuns: KeyedRuns;
  rateLimits: RateLimits;
  /** Which KPIs a use case has at Pay-i. */
  kpiCatalog: KpiCatalog;
  /** Sends and writes down what waits in memory. */
  close(): Promise<void>;
}

let built: Services | undefined;

/** The services of this process. @throws SettingsError at the first call when a setting is wrong. */
export function services(): Services {
  built ??= createServices(decodeSettings(process.env));
  return built;
}

/** In place of the real ones, before the first use: for a test that needs to reach into delivery. */
export function useServices(own: Services): void {
  built = own;
}

/** `step` is called between any two steps of a batch. */
export function createServices(settings: Settings, step?: DeliveryOptions['step']): Services {
  const clock = systemClock;
  const telemetry = jsonTelemetry();
  useOwnPrices(settings.MODEL_PRICES);
  for (const { setting, opens } of openSettings(settings)) telemetry.warn('open-setting', { setting, opens });
  const tracing = startTracing(settings, telemetry);
  const tables = openTables({
    connection: settings.TablesConnection,
    endpoint: settings.TablesConnection__endpoint,
    prefix: settings.TABLE_PREFIX,
    clock,
  });
  const payi = createPayiClient({
    baseUrl: settings.PAYI_BASE_URL,
    apiKey: settings.PAYI_API_KEY ?? '',
    dialect: settings.PAYI_API_DIALECT,
    timeoutMs: settings.PAYI_TIMEOUT_MS,
    clock,
  });
  const publishing = createPublishing({ settings, tables, clock, telemetry });
  const { publisher } = publishing;
  const limits = createLimits({
    tables,
    policies: settings.LIMITS,
    payi: payi.limits,
    publisher,
    clock,
    telemetry,
    receivers: alertReceivers(settings),
    allowPrivateTargets: settings.LIMIT_WEBHOOK_PRIVATE,
  });
  const seal = settings.JUDGE_SEAL_KEY === undefined ? undefined : createSeal(settings.JUDGE_SEAL_KEY);
  const keyedRuns = createKeyedRuns({ tables, seal, deadlineMs: settings.MODEL_DEADLINE_MS, clock, telemetry });
  const rateLimits = createRateLimits({
    tables,
    perCaller: settings.RATE_PER_CALLER,
    perKey: settings.RATE_PER_KEY,
    clock,
    telemetry,
  });
  const instances = createInstanceStore(tables);
  const keys = createKeyService({ tables, clock, telemetry, taken: Object.keys(settings.ACCESS_KEYS) });
  const delivery = createDelivery({
    publishing,
    limits,
    keyedRuns,
    rateLimits,
    settings,
    tables,
    payi,
    clock,
    telemetry,
    ...(step && { step }),
  });
  const { ledger, instanceIndex, lateMarks: marks } = publishing;
  const refusals = createRefusalRows(tables);
  const usage = createUsageService({ tables, ledger, marks, refusals, clock, telemetry });
  const files = openExportFiles(settings);
  const refused = createRefusalTally({ rows: refusals, marks, clock, telemetry });
  const gate = settings.LIMITS_ENABLED ? countRefusals(limits.gate, refused) : noGate;
  const lasting = settings.LIMITS_ENABLED ? countRefusals(limits.lasting, refused) : noLastingHolds;
  const metering = { gate, publisher, clock, telemetry, permittedForms };
  const claude = claudePlatform(settings);
  const anthropic = loadAnthropic({
    apiKey: settings.ANTHROPIC_API_KEY ?? '',
    baseUrl: claude.baseUrl,
    middleware: [tracked({ ...metering, category: claude.category, surchargeOf: claude.surchargeOf })],
    send: claude.fetch,
    timeoutMs: settings.MODEL_DEADLINE_MS,
  });
  const textModel = (provider: TextProvider, model: string): TextModel =>
    createTextModel(provider, model, {
      settings,
      anthropic,
      chatFetch: (category) => trackedFetch(metering, category),
    });
  const { JUDGE_PROVIDER: judgeProvider, JUDGE_MODEL: judgeModel } = settings;
  const judgeQueue = openJudgeQueue(
    openServiceBus({
      connection: settings.ServiceBusConnection,
      namespace: settings.ServiceBusConnection__fullyQualifiedNamespace,
      timeoutMs: settings.PUBLISH_TIMEOUT_MS,
    }),
    settings.JUDGE_QUEUE,
  );
  const userContent = createUserContent({ tables, settings, telemetry });
  return {
    settings,
    clock,
    telemetry,
    delivery,
    publisher,
    payi,
    adminLog: createAdminLog(tables, clock, telemetry),
    keys,
    limits,
    gate,
    fileOwners: createFileOwners(tables),
    userContent,
    batches: createMessageBatches({ tables, settings, lasting, publisher, clock, telemetry }),
    anthropic,
    memory: createRequestMemory(settings, clock),
    requestReader: createRequestReader(),
    meter: createMeter(metering),
    textModel,
    ...(judgeProvider !== 'none' && { judge: textModel(judgeProvider, judgeModel) }),
    instances,
    instanceIndex,
    usage,
    ...(files && {
      usageExport: createUsageExport({ tables, ledger, marks: publishing.exportMarks, files, clock, telemetry }),
    }),
    userErasure: createUserErasure({
      tables,
      instances,
      keys,
      deadLetters: publishing.deadLetterStore,
      limits: limits.limits,
      files,
      atProvider: userContent,
      clock,
      telemetry,
      keptDays: settings.LEDGER_RETENTION_DAYS,
    }),
    keyedRuns,
    rateLimits,
    kpiCatalog: createKpiCatalog(payi.kpis, clock),
    judgeQueue,
    judging: createJudging({
      instances,
      clock,
      telemetry,
      ...(seal &&
        judgeProvider !== 'none' && { judge: { queue: judgeQueue, seal, sampleRate: settings.JUDGE_SAMPLE_RATE } }),
    }),
    ...(seal && { seal }),
    // Not Pay-i and Service Bus: requests are served without them, and what is to be reported waits.
    readinessChecks: [
      { name: 'tables', check: async () => void (await instances.find('health', 'none')) },
      { name: 'pictures', check: async () => void (await loadSharp()) }, // Fails where the package was built for another machine.
    ],
    async close() {
      // At once: what waits in memory must be sent within the host's grace time though the tables of the limits hang.
      const ends = await Promise.allSettled([delivery.close(), limits.close(), judgeQueue.close(), refused.flush()]);
      for (const end of ends) if (end.status === 'rejected') telemetry.error('not-closed', describeError(end.reason));
      await closeTracing(tracing, clock, telemetry);
      telemetry.flush();
    },
  };
}
