import { ChatAnthropic } from '@langchain/anthropic';
import { langchainCases } from './langchain.mjs';

export const installed = '@langchain/anthropic';
export const api = 'anthropic';
export const open = ({ url, apiKey, model }) =>
  langchainCases(new ChatAnthropic({ model, apiKey, anthropicApiUrl: `${url}/anthropic`, maxTokens: 200 }));
