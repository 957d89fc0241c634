import type { Settings } from '../../config/settings.ts';
import type { Surcharge } from '../../pricing/price-row.ts';
import { type HttpFetch, httpFetch } from '../../util/fetch/http-fetch.ts';
import type { RequestShape } from '../request/request-shape.ts';
import { type AwsSettings, bedrockFetch } from './bedrock.ts';
import { foundryFetch } from './foundry.ts';
import { endpointSurcharge } from './surcharge.ts';
import { vertexFetch } from './vertex.ts';

export type PlatformSettings = Pick<
  Settings,
  | 'ANTHROPIC_PLATFORM'
  | 'ANTHROPIC_API_KEY'
  | 'ANTHROPIC_BASE_URL'
  | 'FOUNDRY_DATA_ZONE_DEPLOYMENTS'
  | 'VERTEX_ACCOUNT_KEY'
> &
  AwsSettings;

/** Who serves Claude: Anthropic itself, or a cloud that does. */
export interface ClaudePlatform {
  /** Pay-i's category. */
  category: string;
  /** Paths of Anthropic's API follow; without a slash at its end. */
  baseUrl: string;
  /** False: it has messages and their token counts only, no models, batches or files. */
  hasAllApis: boolean;
  /** What it adds to the list prices of a call. */
  surchargeOf(shape: Pick<RequestShape, 'model' | 'others'>): Surcharge | undefined;
  /** Sends a request of Anthropic's API as the platform takes it, with our credential. @throws TrailmeterError 502 without a credential */
  fetch: HttpFetch;
}

/** One for each settings object: it keeps tokens. */
const opened = new WeakMap<object, ClaudePlatform>();

/** The platform that the settings name. */
export function claudePlatform(settings: PlatformSettings): ClaudePlatform {
  const found = opened.get(settings) ?? openPlatform(settings);
  opened.set(settings, found);
  return found;
}

function openPlatform(settings: PlatformSettings): ClaudePlatform {
  const baseUrl = settings.ANTHROPIC_BASE_URL.replace(/\/+$/, '');
  // Read once: a URL works out its parts whenever they are asked for.
  const { hostname, pathname } = new URL(baseUrl);
  const address = { hostname, pathname };
  const ofCloud = (category: string, send: HttpFetch): ClaudePlatform => ({
    category,
    baseUrl,
    hasAllApis: false,
    surchargeOf: (shape) => endpointSurcharge(category, address, shape),
    fetch: send,
  });
  switch (settings.ANTHROPIC_PLATFORM) {
    case 'foundry': {
      const inZone = settings.FOUNDRY_DATA_ZONE_DEPLOYMENTS;
      return {
        ...ofCloud('system.azure', foundryFetch(settings.ANTHROPIC_API_KEY)),
        // Neither an address nor an answer says the type of a deployment.
        surchargeOf: ({ model }) => (inZone.includes(model) ? 'regional' : undefined),
      };
    }
    case 'vertex':
      return ofCloud('system.google.vertex', vertexFetch(baseUrl, settings.VERTEX_ACCOUNT_KEY));
    case 'bedrock':
      return ofCloud('system.aws.bedrock', bedrockFetch(settings.ANTHROPIC_API_KEY, settings));
    case 'anthropic':
      return { ...ofCloud('system.anthropic', httpFetch), hasAllApis: true };
  }
}
