import type { Settings } from '../../config/settings.ts';
import { type AwsSettings, bedrockFetch } from './bedrock.ts';
import { foundryFetch } from './foundry.ts';
import { vertexFetch } from './vertex.ts';

export type PlatformSettings = Pick<
  Settings,
  'ANTHROPIC_PLATFORM' | 'ANTHROPIC_API_KEY' | 'ANTHROPIC_BASE_URL' | 'VERTEX_ACCOUNT_KEY'
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
  /** Sends a request of Anthropic's API as the platform takes it, with our credential. @throws TrailmeterError 502 without a credential */
  fetch: typeof fetch;
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
  if (settings.ANTHROPIC_PLATFORM === 'foundry')
    return { category: 'system.azure', baseUrl, hasAllApis: false, fetch: foundryFetch(settings.ANTHROPIC_API_KEY) };
  if (settings.ANTHROPIC_PLATFORM === 'vertex')
    return {
      category: 'system.google.vertex',
      baseUrl,
      hasAllApis: false,
      fetch: vertexFetch(baseUrl, settings.VERTEX_ACCOUNT_KEY),
    };
  if (settings.ANTHROPIC_PLATFORM === 'bedrock')
    return {
      category: 'system.aws.bedrock',
      baseUrl,
      hasAllApis: false,
      fetch: bedrockFetch(settings.ANTHROPIC_API_KEY, settings),
    };
  return { category: 'system.anthropic', baseUrl, hasAllApis: true, fetch: (input, init) => fetch(input, init) };
}
