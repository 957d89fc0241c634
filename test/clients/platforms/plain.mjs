import Anthropic from '@anthropic-ai/sdk';

/** The SDK of Anthropic itself, with which the gateway is called. */
export const openPlain = (baseURL, apiKey) => new Anthropic({ baseURL, apiKey, maxRetries: 0, logLevel: 'off' });
