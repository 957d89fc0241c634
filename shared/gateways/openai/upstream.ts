import type { Settings } from '../../config/settings.ts';
import { RequestError } from '../../errors/request-errors.ts';
import { type ChatProvider, chatProviders } from '../../model/clients/chat-providers.ts';
import { createEntraToken } from '../../model/platforms/entra-token.ts';
import { endpointSurcharge } from '../../model/platforms/surcharge.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import { headersIn } from '../headers-in.ts';

const AZURE_SCOPE = 'https://cognitiveservices.azure.com/.default';

/** Where a call goes. */
export interface Upstream {
  /** Pay-i's category. */
  category: string;
  /** Without the API's path and without a slash at its end. */
  baseUrl: string;
  /** The headers with our credential. @throws TrailmeterError 502 without one */
  credential(): Promise<Record<string, string>>;
  /** The model that its prices go by: of an Azure deployment the one behind it. */
  model: string;
}

/** A request as its prices go: by the model behind a deployment and the endpoint that it goes to. */
export function pricedShape(shape: RequestShape, { category, baseUrl, model }: Upstream): RequestShape {
  const priced = { ...shape, model };
  return { ...priced, surcharge: endpointSurcharge(category, urlOf(baseUrl), priced) };
}

/** There is one base URL a provider, and parsing takes longer than all else here. */
const urls = new Map<string, URL>();

function urlOf(baseUrl: string): URL {
  const url = urls.get(baseUrl) ?? new URL(baseUrl);
  urls.set(baseUrl, url);
  return url;
}

const families: readonly [RegExp, ChatProvider][] = [
  [/^(?:models\/|google\/)?(?:gemini|gemma)/i, 'google'],
  [/^(?:x-?ai\/)?grok/i, 'xai'],
];

/**
 * The provider of a model: Azure for its deployments, Google for Gemini and xAI for Grok where they have a key, else
 * `OPENAI_BASE_URL`, which may be any provider with this API.
 * @throws RequestError 404 `model_not_found` where none is configured
 */
export function upstreamOf(model: string, settings: Settings): Upstream {
  const deployed = Object.hasOwn(settings.AZURE_OPENAI_DEPLOYMENTS, model) && settings.AZURE_OPENAI_DEPLOYMENTS[model];
  const azure = deployed && reachAzure(settings);
  if (azure) return { ...azure, model: deployed };
  const family = families.find(([begins]) => begins.test(model))?.[1];
  const found = (family && reach(family, model, settings)) ?? reach('openai', model, settings);
  if (found) return found;
  throw new RequestError(
    'model_not_found',
    `No provider is configured for this model. Set ${family ? `${family.toUpperCase()}_API_KEY` : 'OPENAI_API_KEY'}.`,
    { status: 404 },
  );
}

/** A request for another model as its prices go at the same provider; undefined where another provider has the model. */
export function pricedAt(
  { category, baseUrl }: Upstream,
  shape: RequestShape,
  settings: Settings,
): RequestShape | undefined {
  try {
    const upstream = upstreamOf(shape.model, settings);
    return upstream.category === category && upstream.baseUrl === baseUrl ? pricedShape(shape, upstream) : undefined;
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

/** Deployments that calls can go to. */
export const azureDeployments = (settings: Settings): string[] =>
  reachAzure(settings) ? Object.keys(settings.AZURE_OPENAI_DEPLOYMENTS) : [];

/** The providers that can be asked which models they have. */
export const listedUpstreams = (settings: Settings): Upstream[] =>
  (Object.keys(chatProviders) as ChatProvider[]).flatMap((provider) => reach(provider, '', settings) ?? []);

function reachAzure(settings: Settings): Omit<Upstream, 'model'> | undefined {
  const { AZURE_OPENAI_BASE_URL: baseUrl, AZURE_OPENAI_API_KEY: key } = settings;
  if (!baseUrl) return undefined;
  return {
    category: 'system.azureopenai',
    baseUrl: withoutSlash(baseUrl),
    credential: async () =>
      key === undefined ? { authorization: `Bearer ${await azureToken(settings)}` } : { 'api-key': key },
  };
}

/** One source of tokens for each settings object: it keeps them. */
const azureTokens = new WeakMap<object, () => Promise<string>>();

function azureToken(settings: Settings): Promise<string> {
  const token = azureTokens.get(settings) ?? createEntraToken(AZURE_SCOPE);
  azureTokens.set(settings, token);
  return token();
}

function reach(provider: ChatProvider, model: string, settings: Settings): Upstream | undefined {
  const { category, reach } = chatProviders[provider];
  const { apiKey, baseURL } = reach(settings);
  if (!apiKey) return undefined;
  return {
    category,
    baseUrl: withoutSlash(baseURL),
    credential: async () => ({ authorization: `Bearer ${apiKey}` }),
    model,
  };
}

const withoutSlash = (url: string): string => url.replace(/\/$/, '');

/** Headers of a request that the provider gets as the client sent them. Those that choose an organization or a project are ours to set. */
const passedRequest = ['content-type', 'accept'];
/** Headers of an answer that SDKs read. An encoding is left where it is unknown here. The connection is ours, and so are the account and its rate limits. */
const passedAnswer = [
  'content-type',
  'content-encoding',
  'cache-control',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
];

/** The client's headers with our credential in place of its own. */
export const openAiRequestHeaders = async (
  given: Headers,
  upstream: Pick<Upstream, 'credential'>,
): Promise<Record<string, string>> => ({ ...(await upstream.credential()), ...headersIn(given, passedRequest) });

export const openAiAnswerHeaders = (given: Headers): Record<string, string> => headersIn(given, passedAnswer);
