import type Anthropic from '@anthropic-ai/sdk';
import type { AnthropicOptions } from './anthropic.ts';

/** Gives the client of Anthropic. */
export type AnthropicLoader = () => Promise<Anthropic>;

/** The SDK is loaded by the first call that needs it: it is large, and gateways, queue and timers do without. */
export function loadAnthropic(options: AnthropicOptions): AnthropicLoader {
  let client: Promise<Anthropic> | undefined;
  const load = async () => {
    const { createAnthropic } = await import('./anthropic.ts');
    return createAnthropic(options);
  };
  return () => {
    client ??= load();
    return client;
  };
}
