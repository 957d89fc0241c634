import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import fns, { type HttpFunctionOptions, type HttpResponse } from '@azure/functions';
import { vi } from 'vitest';
import type { Services } from '../../functions/services/services.ts';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import { createAdminLog } from '../../shared/admin-log/admin-log.ts';
import { settingsSchema } from '../../shared/config/settings.ts';
import type { Publisher } from '../../shared/events/publisher.ts';
import type { KpiEvent, UsageEvent } from '../../shared/events/usage-event.ts';
import { createMessageBatches } from '../../shared/gateways/anthropic/batches/message-batches.ts';
import { createFileOwners } from '../../shared/gateways/anthropic/files/file-owners.ts';
import { createRequestReader } from '../../shared/gateways/reading/request-reader.ts';
import { createRequestMemory } from '../../shared/http/memory/request-memory.ts';
import { createKeyedRuns } from '../../shared/idempotency/keyed-runs.ts';
import { createKeyService } from '../../shared/identity/keys/key-service.ts';
import { createInstanceStore, type InstanceStore } from '../../shared/instances/instance-store.ts';
import { createLedger } from '../../shared/ledger/ledger.ts';
import { noGate, noLastingHolds } from '../../shared/limits/gate/no-gate.ts';
import { createRateLimits } from '../../shared/rate-limits/rate-limits.ts';
import { createSeal } from '../../shared/seal/seal.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import { createMeter } from '../../shared/tracking/meter.ts';
import { tracked } from '../../shared/tracking/tracked.ts';
import { createJudging } from '../../shared/trails/judge/judging.ts';
import { createInstanceIndex } from '../../shared/usage/instance-index/instance-index.ts';
import { permittedForms } from '../../shared/use-cases/use-cases.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { expectDescribed } from './described.ts';
import { MemoryTables } from './memory-tables.ts';
import { noContent } from './no-content.ts';

export const KEY = 'a-key-of-sixteen-characters';
export const ADMIN_KEY = 'another-key-for-an-admin';

/** The HTTP functions on the model stand-in, called in this process as a host would call them. */
export interface TestApp {
  model: ModelStandIn;
  services: Services;
  kpis: KpiEvent[];
  usage: UsageEvent[];
  functions: Map<string, HttpFunctionOptions>;
  /** Lines of the log and names of counters. */
  told: string[];
  call(name: string, init?: CallInit): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface CallInit {
  method?: string;
  url?: string;
  headers?: Record<string, string>;
  params?: Record<string, string>;
  body?: BodyInit | null;
  /** Sends this as JSON. */
  json?: unknown;
  /** Without the key of a user. */
  anonymous?: boolean;
  /** Without any header at all. */
  bare?: boolean;
}
type BodyInit = ConstructorParameters<typeof Response>[0];

/** Most tests are not about rates, and send as fast as they can. */
const anyRate = { RATE_PER_CALLER: '0', RATE_PER_KEY: '0' };

export async function startTestApp(
  settings: Record<string, string> = {},
  more: Partial<Services> = {},
): Promise<TestApp> {
  const model = await startModel();
  const decoded = settingsSchema.parse({
    ACCESS_KEYS: JSON.stringify({
      'front-end': { key: KEY, role: 'user' },
      operator: { key: ADMIN_KEY, role: 'admin' },
    }),
    ...anyRate,
    ...settings,
  });
  const kpis: KpiEvent[] = [];
  const usage: UsageEvent[] = [];
  const told: string[] = [];
  const telemetry = telemetryTo(told);
  const publisher: Publisher = {
    publish: async (event) => {
      if (event.kind === 'kpi') kpis.push(event);
      else usage.push(event);
      return 'queued';
    },
    close: async () => undefined,
  };
  const requestReader = createRequestReader();
  const metering = { gate: more.gate ?? noGate, publisher, clock: systemClock, telemetry, permittedForms };
  const anthropic = new Anthropic({
    apiKey: 'test',
    baseURL: model.url,
    maxRetries: 0,
    logLevel: 'off',
    middleware: [tracked(metering)],
  });
  const services = {
    settings: decoded,
    clock: systemClock,
    telemetry,
    publisher,
    meter: createMeter(metering),
    anthropic: async () => anthropic,
    memory: createRequestMemory(decoded, systemClock),
    requestReader,
    adminLog: createAdminLog(new MemoryTables(), systemClock, telemetry),
    keys: createKeyService({
      tables: new MemoryTables(),
      clock: systemClock,
      telemetry,
      taken: Object.keys(decoded.ACCESS_KEYS),
    }),
    fileOwners: createFileOwners(new MemoryTables()),
    userContent: noContent,
    batches: createMessageBatches({
      tables: new MemoryTables(),
      settings: decoded,
      lasting: noLastingHolds,
      publisher,
      clock: systemClock,
      telemetry,
    }),
    readinessChecks: [],
    rateLimits: createRateLimits({
      tables: new MemoryTables(),
      perCaller: decoded.RATE_PER_CALLER,
      perKey: decoded.RATE_PER_KEY,
      clock: systemClock,
      telemetry,
    }),
    keyedRuns: createKeyedRuns({
      tables: new MemoryTables(),
      seal: createSeal(Buffer.alloc(32, 1).toString('base64')),
      deadlineMs: decoded.MODEL_DEADLINE_MS,
      clock: systemClock,
      telemetry,
    }),
    // Pay-i does not answer: scores are not checked.
    kpiCatalog: { typesOf: async () => undefined },
    ...judging(),
    ...emptyLedger(),
    ...more,
  } as Services;
  loaded ??= load();
  const functions = await loaded;
  return {
    model,
    services,
    kpis,
    usage,
    functions,
    told,
    call: (name, init = {}) => {
      current = services;
      return callFunction(functions, name, init);
    },
    close: () => model.close(),
  };
}

/** Calls go to `usage`, not to a ledger, and no policy applies to them. */
function emptyLedger() {
  const tables = new MemoryTables();
  const ledger = createLedger(tables);
  return {
    delivery: { ledger } as Services['delivery'],
    instanceIndex: createInstanceIndex({
      tables,
      ledger,
      marks: { mark: async () => undefined, list: async () => [], remove: async () => undefined },
      clock: systemClock,
      telemetry: telemetryTo([]),
    }),
    limits: { policies: { current: () => [] } } as unknown as Services['limits'],
  };
}

/** No judge, and instances in memory. */
function judging() {
  const instances = memoryInstances();
  const telemetry = telemetryTo([]);
  return { instances, judging: createJudging({ instances, clock: systemClock, telemetry }) };
}

export const memoryInstances = (): InstanceStore => createInstanceStore(new MemoryTables());

const telemetryTo = (told: string[]): Telemetry => ({
  info: (event) => told.push(event),
  warn: (event) => told.push(event),
  error: (event, fields) => told.push(`${event} ${JSON.stringify(fields ?? {})}`),
  count: (metric, _by, dimensions) => told.push(`${metric} ${JSON.stringify(dimensions ?? {})}`),
  measure: (metric) => told.push(metric),
});

/** The services of the app that is called; a handler takes them before it does anything else. */
const httpFolder = new URL('../../functions/http/', import.meta.url);
let current: Services | undefined;
let loaded: Promise<Map<string, HttpFunctionOptions>> | undefined;

async function load(): Promise<Map<string, HttpFunctionOptions>> {
  vi.doMock('../../functions/services/services.ts', () => ({ services: () => current }));
  const functions = new Map<string, HttpFunctionOptions>();
  const spy = vi.spyOn(fns.app, 'http').mockImplementation((name, options) => {
    functions.set(name, options as HttpFunctionOptions);
  });
  const files = readdirSync(httpFolder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  for (const file of files) await import(`../../functions/http/${file}`);
  spy.mockRestore();
  return functions;
}

async function callFunction(
  functions: Map<string, HttpFunctionOptions>,
  name: string,
  { method = 'POST', url, headers = {}, params = {}, body, json, anonymous, bare }: CallInit,
): Promise<HttpResponse> {
  const named = functions.get(name);
  if (!named) throw new Error(`no function ${name}`);
  // As on the host: a method that no function of the route takes goes to the last function.
  const options = method === 'OPTIONS' ? functions.get('zz-unrouted') : named;
  if (!options) throw new Error('no function for OPTIONS');
  const native = new Request(url ?? `http://127.0.0.1/${named.route}`, {
    method,
    headers: {
      host: '127.0.0.1',
      ...(!anonymous && { 'x-functions-key': KEY, 'x-user-id': 'sam' }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(method === 'GET' || method === 'OPTIONS'
      ? {}
      : { body: json === undefined ? (body ?? null) : JSON.stringify(json) }),
    duplex: 'half',
  } as RequestInit);
  const request = new fns.HttpRequest({ nativeRequest: native, params } as never);
  if (bare) for (const header of [...request.headers.keys()]) request.headers.delete(header);
  const context = new fns.InvocationContext({ functionName: name, invocationId: randomUUID() });
  const answer = await options.handler(request, context);
  if (!answer) throw new Error('no answer');
  if (options === named) expectDescribed(name, answer as fns.HttpResponseInit);
  return new fns.HttpResponse(answer as fns.HttpResponseInit);
}

/** The envelope of an answer. */
export async function envelope(response: HttpResponse): Promise<{
  success: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  data: any;
  error: string;
  code: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
  details: any;
}> {
  return JSON.parse(await response.text());
}
