import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk';

export const installed = '@anthropic-ai/foundry-sdk';
export const settings = (url) => ({ ANTHROPIC_BASE_URL: `${url}/anthropic`, ANTHROPIC_API_KEY: 'foundry-key' });
export const open = (url) => new AnthropicFoundry({ baseURL: `${url}/anthropic`, apiKey: 'foundry-key' });
