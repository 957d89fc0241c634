import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import {
  countTokensRoute,
  passMessageRoute,
  passModelRoute,
  passModelsRoute,
} from '../../shared/api/gateways/anthropic.ts';
import * as fileRoutes from '../../shared/api/gateways/anthropic-files.ts';
import { anthropicFailure } from '../../shared/gateways/anthropic/errors.ts';
import { createFileOwners } from '../../shared/gateways/anthropic/files/file-owners.ts';
import * as files from '../../shared/gateways/anthropic/files/pass-files.ts';
import { passMessage, passTokenCount } from '../../shared/gateways/anthropic/messages.ts';
import { passModel, passModels } from '../../shared/gateways/anthropic/models.ts';
import { gateway } from '../../shared/gateways/gateway.ts';
import { createRequestReader } from '../../shared/gateways/reading/request-reader.ts';
import { createRequestMemory } from '../../shared/http/memory/request-memory.ts';
import type { KeyService } from '../../shared/identity/keys/key-service.ts';
import { createMeter } from '../../shared/tracking/meter.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { noKeys } from '../support/keys.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { noRates } from '../support/no-rates.ts';
import { recording } from '../support/recording.ts';
import { GATEWAY_KEY, gatewaySettings, serve } from './serve.ts';

/** The Anthropic door before a model stand-in that wants the provider's key. */
export interface AnthropicGateway {
  url: string;
  model: ModelStandIn;
  /** What was held, published and settled since `reset`. */
  record: ReturnType<typeof recording>;
  settings: ReturnType<typeof gatewaySettings>;
  /** Access keys that are records; none after `reset`. */
  keys: Pick<KeyService, 'holderOf'>;
  /** A client of the door that repeats nothing. */
  sdk(options?: ClientOptions): Anthropic;
  reset(): void;
  close(): Promise<void>;
}

export async function startAnthropicGateway(): Promise<AnthropicGateway> {
  const model = await startModel({ apiKey: 'provider-secret' });
  const requestReader = createRequestReader();
  const fileOwners = createFileOwners(new MemoryTables());
  const services = () => ({
    settings: opened.settings,
    telemetry: opened.record.telemetry,
    meter: createMeter({ ...opened.record, clock: systemClock }),
    memory: createRequestMemory(opened.settings, systemClock),
    requestReader,
    fileOwners,
    clock: systemClock,
    keys: opened.keys,
    rateLimits: noRates,
  });
  const rules = { services, failure: anthropicFailure };
  const server = await serve([
    {
      method: 'POST',
      path: /^\/anthropic\/v1\/messages$/,
      handler: gateway({ ...rules, route: passMessageRoute }, passMessage),
    },
    {
      method: 'POST',
      path: /^\/anthropic\/v1\/messages\/count_tokens$/,
      handler: gateway({ ...rules, route: countTokensRoute }, passTokenCount),
    },
    {
      method: 'GET',
      path: /^\/anthropic\/v1\/models$/,
      handler: gateway({ ...rules, route: passModelsRoute }, passModels),
    },
    {
      method: 'GET',
      path: /^\/anthropic\/v1\/models\/(?<model>[^/]+)$/,
      handler: gateway({ ...rules, route: passModelRoute }, passModel),
    },
    {
      method: 'POST',
      path: /^\/anthropic\/v1\/files$/,
      handler: gateway({ ...rules, route: fileRoutes.passNewFileRoute }, files.passNewFile),
    },
    {
      method: 'GET',
      path: /^\/anthropic\/v1\/files$/,
      handler: gateway({ ...rules, route: fileRoutes.passFilesRoute }, files.passFiles),
    },
    {
      method: 'GET',
      path: /\/files\/(?<file>[^/]+)$/,
      handler: gateway({ ...rules, route: fileRoutes.passFileRoute }, files.passFile),
    },
    {
      method: 'GET',
      path: /\/files\/(?<file>[^/]+)\/content$/,
      handler: gateway({ ...rules, route: fileRoutes.passFileContentRoute }, files.passFileContent),
    },
    {
      method: 'DELETE',
      path: /\/files\/(?<file>[^/]+)$/,
      handler: gateway({ ...rules, route: fileRoutes.passFileDeleteRoute }, files.passFileDelete),
    },
  ]);
  const opened: AnthropicGateway = {
    url: server.url,
    model,
    record: recording(),
    keys: noKeys,
    settings: gatewaySettings({ ANTHROPIC_BASE_URL: model.url }),
    sdk: (options) =>
      new Anthropic({
        apiKey: GATEWAY_KEY,
        baseURL: `${server.url}/anthropic`,
        maxRetries: 0,
        logLevel: 'off',
        ...options,
      }),
    reset() {
      model.reset();
      opened.record = recording();
      opened.keys = noKeys;
      opened.settings = gatewaySettings({ ANTHROPIC_BASE_URL: model.url });
    },
    async close() {
      await server.close();
      await model.close();
    },
  };
  return opened;
}
