import { randomBytes } from 'node:crypto';
import { settingsSchema } from '../../shared/config/settings.ts';
import { createPayiClient } from '../../shared/payi/client.ts';
import { setUpPayi } from '../../shared/setup/set-up.ts';
import type { Closer } from './all-or-none.ts';
import { startModel } from './model/src/server.ts';
import { startPayi } from './payi/src/server.ts';
import { queues } from './queues.ts';
import { startBroker } from './servicebus/src/broker.ts';
import type { BrokerConfig } from './servicebus/src/config.ts';
import { startAzurite } from './tables/src/azurite.ts';
import { startTables } from './tables/src/tables.ts';

export interface ServicesOptions {
  /** App settings that win over those of the stand-ins. */
  settings?: Record<string, string>;
  /** Settings of the person's environment: keys in there put a real service in a stand-in's place. Default: none. */
  environment?: NodeJS.ProcessEnv;
  /** Service Bus on port 5672 when that is free; else any port. */
  usualPorts?: boolean;
  /** Other queues than the app's usual ones. */
  queues?: BrokerConfig;
  /** Wait of the model stand-in before it answers, in ms. */
  modelLatencyMs?: number;
  /** How many of its latest calls the model stand-in keeps. */
  keepModelCalls?: number;
  /** Gets the body of each message that is put in a queue of the broker. */
  onMessage?: (queue: string, body: Buffer) => void;
}

const PAYI_KEY = 'local-payi-key';
const MODEL_KEY = 'local-model-key';
const MODEL_ADMIN_KEY = 'sk-ant-admin-local';
/** Where a front-end runs in development. */
const localOrigins = ['http://localhost:3636', 'http://localhost:3000'];

type Standing<T> = T | undefined;

/** What the app needs, on 127.0.0.1. A part is absent where a real service is used instead. */
export interface LocalServices {
  broker: Standing<Awaited<ReturnType<typeof startBroker>>>;
  payi: Standing<Awaited<ReturnType<typeof startPayi>>>;
  model: Standing<Awaited<ReturnType<typeof startModel>>>;
  tables: Standing<Awaited<ReturnType<typeof startTables>>>;
  /** Blob Storage; absent too where the export is off. */
  blobs: Standing<Awaited<ReturnType<typeof startAzurite>>>;
  /** The settings that the app runs with. */
  settings: Record<string, string>;
}

/** Starts the stand-ins one after the other; `stands` gets what ends each. */
export async function startServices(
  options: ServicesOptions,
  stands: (closer: Closer) => void,
): Promise<LocalServices> {
  const real = options.environment ?? {};
  const standing = async <T extends { close(): Promise<void> }>(wanted: boolean, begin: () => Promise<T>) => {
    if (!wanted) return undefined;
    const part = await begin();
    stands(() => part.close());
    return part;
  };
  const broker = await standing(
    !given(real, 'ServiceBusConnection', 'ServiceBusConnection__fullyQualifiedNamespace'),
    () =>
      startBroker({
        config: options.queues ?? queues,
        ...(options.usualPorts ? {} : { port: 0 }),
        ...(options.onMessage && { onMessage: options.onMessage }),
      }),
  );
  const dialect = (options.settings?.['PAYI_API_DIALECT'] ?? real['PAYI_API_DIALECT']) === 'guide' ? 'guide' : 'live';
  const payi = await standing(!given(real, 'PAYI_API_KEY'), () => startPayi({ port: 0, apiKey: PAYI_KEY, dialect }));
  const model = await standing(!given(real, 'ANTHROPIC_API_KEY'), () =>
    startModel({
      port: 0,
      ...(options.modelLatencyMs !== undefined && { latencyMs: options.modelLatencyMs }),
      ...(options.keepModelCalls !== undefined && { keepCalls: options.keepModelCalls }),
    }),
  );
  if (payi) await setUpPayi(createPayiClient({ baseUrl: payi.url, apiKey: PAYI_KEY, dialect, timeoutMs: 10_000 }));
  const tables = await standing(!given(real, 'TablesConnection', 'TablesConnection__endpoint'), () =>
    startTables({ port: 0 }),
  );
  const isExportOn = Boolean(options.settings?.['EXPORT_CONTAINER'] ?? real['EXPORT_CONTAINER']);
  const blobs = await standing(isExportOn && !given(real, 'ExportConnection', 'ExportConnection__blobServiceUri'), () =>
    startAzurite('blob'),
  );
  const settings = {
    // As in Azure: else headers that the host takes and Node does not leave a request without an answer. What a debugger's terminal
    // puts there comes first, so that it attaches to the app too.
    NODE_OPTIONS: [real['NODE_OPTIONS'], '--max-http-header-size=65536'].filter(Boolean).join(' '),
    ...(real['VSCODE_INSPECTOR_OPTIONS'] && { VSCODE_INSPECTOR_OPTIONS: real['VSCODE_INSPECTOR_OPTIONS'] }),
    DEV_IDENTITY: 'developer:admin',
    CORS_ORIGINS: localOrigins.join(','),
    // All traffic of the stack comes from few callers.
    RATE_PER_CALLER: '0',
    RATE_PER_KEY: '0',
    JUDGE_SEAL_KEY: randomBytes(32).toString('base64'),
    USAGE_QUEUE: 'usage-events',
    JUDGE_QUEUE: 'judge-jobs',
    ...settingsOf(real),
    ...(broker && { ServiceBusConnection: broker.connectionString }),
    ...(tables && { TablesConnection: tables.connectionString }),
    ...(blobs && { ExportConnection: blobs.connectionString }),
    ...(payi && { PAYI_BASE_URL: payi.url, PAYI_API_KEY: PAYI_KEY }),
    ...(model && {
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: MODEL_KEY,
      ANTHROPIC_ADMIN_API_KEY: MODEL_ADMIN_KEY,
      ...chatModels(real, model.url),
    }),
    ...options.settings,
  };
  return { broker, payi, model, tables, blobs, settings };
}

const given = (environment: NodeJS.ProcessEnv, ...names: string[]): boolean => names.some((name) => environment[name]);

/** The model stand-in also answers for the judge's other providers, but for those whose keys are given. */
const chatModels = (environment: NodeJS.ProcessEnv, url: string): Record<string, string> =>
  Object.fromEntries(
    ['OPENAI', 'GOOGLE', 'XAI']
      .filter((provider) => !given(environment, `${provider}_API_KEY`, `${provider}_AI_API_KEY`))
      .flatMap((provider) => [
        [`${provider}_API_KEY`, MODEL_KEY],
        [`${provider}_BASE_URL`, `${url}/v1`],
      ]),
  );

/** What of an environment is a setting of the app. */
function settingsOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = Object.keys(settingsSchema.shape);
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}
