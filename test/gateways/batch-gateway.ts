import Anthropic from '@anthropic-ai/sdk';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import * as routes from '../../shared/api/gateways/anthropic-batches.ts';
import type { TrackedEvent, UsageEvent } from '../../shared/events/usage-event.ts';
import { passNewBatch } from '../../shared/gateways/anthropic/batches/create-batch.ts';
import { createMessageBatches } from '../../shared/gateways/anthropic/batches/message-batches.ts';
import * as passed from '../../shared/gateways/anthropic/batches/pass-batches.ts';
import { anthropicFailure } from '../../shared/gateways/anthropic/errors.ts';
import { createFileOwners } from '../../shared/gateways/anthropic/files/file-owners.ts';
import { gateway } from '../../shared/gateways/gateway.ts';
import { createRequestReader } from '../../shared/gateways/reading/request-reader.ts';
import { createRequestMemory } from '../../shared/http/memory/request-memory.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import type { Tables } from '../../shared/tables/table.ts';
import { type Clock, systemClock } from '../../shared/util/clock.ts';
import { noKeys } from '../support/keys.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { noRates } from '../support/no-rates.ts';
import { recording } from '../support/recording.ts';
import { GATEWAY_KEY, gatewaySettings, serve } from './serve.ts';

/** The system's time, which a test can move on. */
export class MovedClock implements Clock {
  #moved: number;
  /** @param moved ms */
  constructor(moved = 0) {
    this.#moved = moved;
  }
  now = (): number => systemClock.now() + this.#moved;
  sleep: Clock['sleep'] = (ms, signal) => systemClock.sleep(ms, signal);
  move(ms: number): void {
    this.#moved += ms;
  }
}

/** One process of the app: its limits, its publisher and its routes of batches. */
export interface BatchProcess {
  url: string;
  limits: LimitService;
  batches: ReturnType<typeof createMessageBatches>;
  record: ReturnType<typeof recording>;
  sdk(headers?: Record<string, string>): Anthropic;
  close(): Promise<void>;
}

export interface BatchWorld {
  clock: MovedClock;
  tables: MemoryTables;
  model: ModelStandIn;
  /** Every publishing of an event, in any process, and whether it was marked as repeated. */
  published: { event: UsageEvent; isRepeated: boolean }[];
  /** Starts a further process. */
  start(settings?: Record<string, string>): Promise<BatchProcess>;
  close(): Promise<void>;
}

/** What processes share: tables in memory, and the stand-in, whose batches take an hour; with a seed its answers are those of another one. */
export async function openBatchWorld(policies: readonly Policy[] = [], seed?: string): Promise<BatchWorld> {
  const clock = new MovedClock();
  const tables = new MemoryTables();
  const now = clock.now;
  const model = await startModel({ apiKey: 'provider-secret', now, batchMs: 3_600_000, ...(seed && { seed }) });
  const processes: BatchProcess[] = [];
  const world: BatchWorld = {
    clock,
    tables,
    model,
    published: [],
    async start(more = {}) {
      const started = await startBatchProcess({
        tables,
        clock,
        modelUrl: model.url,
        policies,
        settings: more,
        published: (event, isRepeated) => void world.published.push({ event, isRepeated }),
      });
      processes.push(started);
      return started;
    },
    async close() {
      await Promise.all(processes.map((process) => process.close()));
      await model.close();
    },
  };
  return world;
}

export interface BatchProcessOptions {
  tables: Tables;
  clock: Clock;
  /** Where the provider is. */
  modelUrl: string;
  policies: readonly Policy[];
  settings?: Record<string, string>;
  /** Gets every event, before it counts as published. */
  published(event: UsageEvent, isRepeated: boolean): void | Promise<void>;
}

/** Starts a process of the app, or what stands for one within a test. */
export async function startBatchProcess(options: BatchProcessOptions): Promise<BatchProcess> {
  const { tables, clock, modelUrl, policies, published } = options;
  const record = recording();
  const settings = gatewaySettings({ ANTHROPIC_BASE_URL: modelUrl, ...options.settings });
  const publisher = {
    ...record.publisher,
    async publish(event: TrackedEvent, isRepeated = false) {
      const where = await record.publisher.publish(event);
      await published(event as UsageEvent, isRepeated);
      return where;
    },
  };
  const { telemetry } = record;
  const limits = createLimits({ tables, policies, payi: {} as never, publisher, clock, telemetry });
  const batches = createMessageBatches({ tables, settings, lasting: limits.lasting, publisher, clock, telemetry });
  const memory = createRequestMemory(settings, clock);
  const fileOwners = createFileOwners(tables);
  const requestReader = createRequestReader();
  const services = () => ({
    settings,
    telemetry,
    memory,
    requestReader,
    batches,
    fileOwners,
    keys: noKeys,
    rateLimits: noRates,
  });
  const rules = { services, failure: anthropicFailure };
  const server = await serve([
    {
      method: 'POST',
      path: /^\/anthropic\/v1\/messages\/batches$/,
      handler: gateway({ ...rules, route: routes.passNewBatchRoute }, passNewBatch),
    },
    {
      method: 'GET',
      path: /^\/anthropic\/v1\/messages\/batches$/,
      handler: gateway({ ...rules, route: routes.passBatchesRoute }, passed.passBatches),
    },
    {
      method: 'GET',
      path: /\/batches\/(?<batch>[^/]+)$/,
      handler: gateway({ ...rules, route: routes.passBatchRoute }, passed.passBatch),
    },
    {
      method: 'DELETE',
      path: /\/batches\/(?<batch>[^/]+)$/,
      handler: gateway({ ...rules, route: routes.passBatchDeleteRoute }, passed.passBatchDelete),
    },
    {
      method: 'POST',
      path: /\/batches\/(?<batch>[^/]+)\/cancel$/,
      handler: gateway({ ...rules, route: routes.passBatchCancelRoute }, passed.passBatchCancel),
    },
    {
      method: 'GET',
      path: /\/batches\/(?<batch>[^/]+)\/results$/,
      handler: gateway({ ...rules, route: routes.passBatchResultsRoute }, passed.passBatchResults),
    },
  ]);
  return {
    url: server.url,
    limits,
    batches,
    record,
    sdk: (defaultHeaders = {}) =>
      new Anthropic({
        apiKey: GATEWAY_KEY,
        baseURL: `${server.url}/anthropic`,
        maxRetries: 0,
        logLevel: 'off',
        defaultHeaders,
      }),
    async close() {
      await server.close();
      await limits.close();
    },
  };
}

/** Requests that cost about the same. */
export const batchOf = (count: number, params: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
  Array.from({ length: count }, (_, place) => ({
    custom_id: `r-${place}`,
    params: {
      model: 'claude-haiku-5-5',
      max_tokens: 50,
      messages: [{ role: 'user' as const, content: `Say ${place}` }],
      ...params,
    },
  }));

export async function resultsOf(
  client: Anthropic,
  id: string,
): Promise<Anthropic.Messages.MessageBatchIndividualResponse[]> {
  const lines: Anthropic.Messages.MessageBatchIndividualResponse[] = [];
  for await (const line of await client.messages.batches.results(id)) lines.push(line);
  return lines;
}
