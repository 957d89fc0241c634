import OpenAI from 'openai';
import { type ModelStandIn, startModel } from '../../infra/local/model/src/server.ts';
import {
  passChatCompletionRoute,
  passEmbeddingsRoute,
  passOpenAiModelRoute,
  passOpenAiModelsRoute,
  passResponseRoute,
} from '../../shared/api/gateways/openai.ts';
import { gateway } from '../../shared/gateways/gateway.ts';
import { passChatCompletion } from '../../shared/gateways/openai/chat-completions.ts';
import { passEmbeddings } from '../../shared/gateways/openai/embeddings.ts';
import { openAiFailure } from '../../shared/gateways/openai/errors.ts';
import { passOpenAiModel, passOpenAiModels } from '../../shared/gateways/openai/models.ts';
import { passResponse } from '../../shared/gateways/openai/responses.ts';
import { createRequestReader } from '../../shared/gateways/reading/request-reader.ts';
import { createRequestMemory } from '../../shared/http/memory/request-memory.ts';
import type { KeyService } from '../../shared/identity/keys/key-service.ts';
import { createMeter } from '../../shared/tracking/meter.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { noKeys } from '../support/keys.ts';
import { noRates } from '../support/no-rates.ts';
import { recording } from '../support/recording.ts';
import { GATEWAY_KEY, gatewaySettings, serve } from './serve.ts';

/** The OpenAI gateway before a model stand-in that wants the provider's key. */
export interface OpenAiGateway {
  url: string;
  model: ModelStandIn;
  /** What was held, published and settled since `reset`. */
  record: ReturnType<typeof recording>;
  settings: ReturnType<typeof gatewaySettings>;
  /** Access keys that are records; none after `reset`. */
  keys: Pick<KeyService, 'holderOf'>;
  /** The official SDK, pointed at the gateway. */
  sdk(options?: ConstructorParameters<typeof OpenAI>[0]): OpenAI;
  /** Empties it; with settings in addition to the usual ones. */
  reset(settings?: Record<string, string>): void;
  close(): Promise<void>;
}

export async function startOpenAiGateway(): Promise<OpenAiGateway> {
  const model = await startModel({ apiKey: 'provider-secret' });
  const settings = (more: Record<string, string> = {}) =>
    gatewaySettings({ OPENAI_API_KEY: 'provider-secret', OPENAI_BASE_URL: `${model.url}/v1`, ...more });
  const requestReader = createRequestReader();
  const services = () => ({
    settings: opened.settings,
    telemetry: opened.record.telemetry,
    meter: createMeter({ ...opened.record, clock: systemClock }),
    memory: createRequestMemory(opened.settings, systemClock),
    requestReader,
    keys: opened.keys,
    rateLimits: noRates,
  });
  const rules = { services, failure: openAiFailure };
  const server = await serve([
    {
      method: 'POST',
      path: /^\/openai\/v1\/chat\/completions$/,
      handler: gateway({ ...rules, route: passChatCompletionRoute }, passChatCompletion),
    },
    {
      method: 'POST',
      path: /^\/openai\/v1\/embeddings$/,
      handler: gateway({ ...rules, route: passEmbeddingsRoute }, passEmbeddings),
    },
    {
      method: 'POST',
      path: /^\/openai\/v1\/responses$/,
      handler: gateway({ ...rules, route: passResponseRoute }, passResponse),
    },
    {
      method: 'GET',
      path: /^\/openai\/v1\/models$/,
      handler: gateway({ ...rules, route: passOpenAiModelsRoute }, passOpenAiModels),
    },
    {
      method: 'GET',
      path: /^\/openai\/v1\/models\/(?<model>[^/]+)$/,
      handler: gateway({ ...rules, route: passOpenAiModelRoute }, passOpenAiModel),
    },
  ]);
  const opened: OpenAiGateway = {
    url: server.url,
    model,
    record: recording(),
    keys: noKeys,
    settings: settings(),
    sdk: (options = {}) =>
      new OpenAI({
        apiKey: GATEWAY_KEY,
        baseURL: `${server.url}/openai/v1`,
        maxRetries: 0,
        logLevel: 'off',
        ...options,
      }),
    reset(more) {
      model.reset();
      opened.record = recording();
      opened.keys = noKeys;
      opened.settings = settings(more);
    },
    async close() {
      await server.close();
      await model.close();
    },
  };
  return opened;
}
