import type { Settings } from '../../config/settings.ts';
import { RequestError } from '../../errors/request-errors.ts';
import { type ClaudePlatform, claudePlatform, type PlatformSettings } from '../../model/platforms/claude-platform.ts';
import { BodyInPieces } from '../../util/bytes/body-in-pieces.ts';
import { askWithin } from '../ask-provider.ts';
import { headersIn } from '../headers-in.ts';

/** Headers of a request that the provider gets as the client sent them. Those that choose a workspace, profile or account are ours to set. */
const passedRequest = ['content-type', 'accept', 'anthropic-version', 'anthropic-beta'];
/** Headers of an answer that SDKs read. An encoding is left where it is unknown here. The connection is ours, and so are the account and its rate limits. */
const passedAnswer = [
  'content-type',
  'content-encoding',
  'cache-control',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
];

/** The client's headers with our key in place of its credential. */
const upstreamHeaders = (given: Headers, apiKey: string): Record<string, string> => ({
  'x-api-key': apiKey,
  ...headersIn(given, passedRequest),
});

/** A request to the provider; without a body it is a GET. */
export interface ProviderRequest {
  method?: 'GET' | 'POST' | 'DELETE';
  /** Its parts, which are sent one after the other. */
  body?: readonly Uint8Array[];
  /** In place of the caller's, with its question mark. */
  query?: string;
}

/**
 * Asks the provider with the headers and the query of a caller's request, and our key. All requests of one call share its deadline.
 * @throws TrailmeterError 502, 504 as `askWithin`; RequestError 404 for an API that the platform does not have
 */
export function anthropicProvider(
  { headers: given, url }: { headers: Headers; url: string },
  settings: PlatformSettings & Pick<Settings, 'MODEL_DEADLINE_MS'>,
): (path: string, request?: ProviderRequest) => Promise<Response> {
  const headers = upstreamHeaders(given, settings.ANTHROPIC_API_KEY ?? '');
  const platform = claudePlatform(settings);
  const ask = askWithin(settings.MODEL_DEADLINE_MS, platform.fetch);
  return async (path, { body, method = body === undefined ? 'GET' : 'POST', query = new URL(url).search } = {}) => {
    if (!/^\/v1\/messages(\/count_tokens)?$/.test(path)) refuseWithoutApis(platform);
    return ask(platform.baseUrl + path + query, { method, headers, ...(body && { body: new BodyInPieces(body) }) });
  };
}

/** @throws RequestError 404 where Claude is served without its models, batches and files */
export function refuseWithoutApis({ hasAllApis }: Pick<ClaudePlatform, 'hasAllApis'>): void {
  if (hasAllApis) return;
  throw new RequestError(
    'not_supported',
    'This API is not supported by the platform that ANTHROPIC_PLATFORM names. It has messages and token counts.',
    { status: 404 },
  );
}

export const answerHeaders = (given: Headers): Record<string, string> => headersIn(given, passedAnswer);
