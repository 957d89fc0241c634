import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema } from '../../shared/config/settings.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { setUpPayi } from '../../shared/payi/setup.ts';
import { buildApp } from '../cli/build.ts';
import { allOrNone, type Closer } from './all-or-none.ts';
import { type FunctionHost, startHost } from './functions-host/src/host.ts';
import { startModel } from './model/src/server.ts';
import { startPayi } from './payi/src/server.ts';
import { queues } from './queues.ts';
import { startBroker } from './servicebus/src/broker.ts';
import type { BrokerConfig } from './servicebus/src/config.ts';
import { startTables } from './tables/src/tables.ts';

export interface StackOptions {
  /** Port of the app; 0 takes any free one. */
  port?: number;
  /** Processes of the app. */
  instances?: number;
  /** App settings that win over the stack's own. */
  settings?: Record<string, string>;
  /** Settings of the person's environment: keys in there put a real service in a stand-in's place. Default: none. */
  environment?: NodeJS.ProcessEnv;
  watch?: boolean;
  /** Another first module of the app, from the project's folder. */
  entry?: string;
  /** Service Bus on port 5672 when that is free; else any port. */
  usualPorts?: boolean;
  /** Other queues than the app's usual ones. */
  queues?: BrokerConfig;
  /** Wait of the model stand-in before it answers, in ms. */
  modelLatencyMs?: number;
  /** How many of its latest calls the model stand-in keeps. */
  keepModelCalls?: number;
  log?: (line: string) => void;
}

const payiKey = 'local-payi-key';
const modelKey = 'local-model-key';

type Standing<T> = T | undefined;

/** Everything that the app needs, and the app itself, on 127.0.0.1. A part is absent where a real service is used instead. */
export interface Stack {
  url: string;
  host: FunctionHost;
  broker: Standing<Awaited<ReturnType<typeof startBroker>>>;
  payi: Standing<Awaited<ReturnType<typeof startPayi>>>;
  model: Standing<Awaited<ReturnType<typeof startModel>>>;
  tables: Standing<Awaited<ReturnType<typeof startTables>>>;
  /** The settings that the app runs with. */
  settings: Record<string, string>;
  /** Ends all of it, the app first. */
  close(): Promise<void>;
}

/** Starts the laptop stack. When one part fails to start, those that stand are ended. */
export const startStack = (options: StackOptions = {}): Promise<Stack> =>
  allOrNone((stands, close) => start(options, stands, close));

async function start(options: StackOptions, stands: (closer: Closer) => void, close: Closer): Promise<Stack> {
  const real = options.environment ?? {};
  const standing = async <T extends { close(): Promise<void> }>(wanted: boolean, begin: () => Promise<T>) => {
    if (!wanted) return undefined;
    const part = await begin();
    stands(() => part.close());
    return part;
  };
  const appDirectory = await mkdtemp(join(tmpdir(), 'trailmeter-'));
  stands(() => rm(appDirectory, { recursive: true, force: true }));
  const broker = await standing(
    !given(real, 'ServiceBusConnection', 'ServiceBusConnection__fullyQualifiedNamespace'),
    () => startBroker({ config: options.queues ?? queues, ...(options.usualPorts ? {} : { port: 0 }) }),
  );
  const payi = await standing(!given(real, 'PAYI_API_KEY'), () => startPayi({ port: 0, apiKey: payiKey }));
  const model = await standing(!given(real, 'ANTHROPIC_API_KEY'), () =>
    startModel({
      port: 0,
      ...(options.modelLatencyMs !== undefined && { latencyMs: options.modelLatencyMs }),
      ...(options.keepModelCalls !== undefined && { keepCalls: options.keepModelCalls }),
    }),
  );
  if (payi) await setUpPayi(createPayiClient({ baseUrl: payi.url, apiKey: payiKey, timeoutMs: 10_000 }));
  const [tables, build] = await Promise.all([
    standing(!given(real, 'TablesConnection', 'TablesConnection__endpoint'), () => startTables({ port: 0 })),
    buildApp({
      outDir: appDirectory,
      ...(options.watch && { watch: true }),
      ...(options.entry !== undefined && { entry: options.entry }),
    }),
  ]);
  stands(() => build.close());
  const settings = {
    // As in Azure: else headers that the host takes and Node does not leave a request without an answer.
    NODE_OPTIONS: '--max-http-header-size=65536',
    DEV_IDENTITY: 'developer:admin',
    JUDGE_SEAL_KEY: randomBytes(32).toString('base64'),
    USAGE_QUEUE: 'usage-events',
    JUDGE_QUEUE: 'judge-jobs',
    ...settingsOf(real),
    ...(broker && { ServiceBusConnection: broker.connectionString }),
    ...(tables && { TablesConnection: tables.connectionString }),
    ...(payi && { PAYI_BASE_URL: payi.url, PAYI_API_KEY: payiKey }),
    ...(model && { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: modelKey, ...chatModels(real, model.url) }),
    ...options.settings,
  };
  const host = await startHost({
    appDirectory,
    env: settings,
    port: options.port ?? 0,
    instances: options.instances ?? 1,
    ...(options.watch && { watch: true }),
    ...(options.log && { log: options.log }),
  });
  stands(() => host.close());
  return { url: host.url, host, broker, payi, model, tables, settings, close };
}

const given = (environment: NodeJS.ProcessEnv, ...names: string[]): boolean => names.some((name) => environment[name]);

/** The model stand-in also answers for the judge's other providers, but for those whose keys are given. */
const chatModels = (environment: NodeJS.ProcessEnv, url: string): Record<string, string> =>
  Object.fromEntries(
    ['OPENAI', 'GOOGLE', 'XAI']
      .filter((provider) => !given(environment, `${provider}_API_KEY`, `${provider}_AI_API_KEY`))
      .flatMap((provider) => [
        [`${provider}_API_KEY`, modelKey],
        [`${provider}_BASE_URL`, `${url}/v1`],
      ]),
  );

/** What of an environment is a setting of the app. */
function settingsOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = Object.keys(settingsSchema.shape);
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}
