import { ChatOpenAI } from '@langchain/openai';
import { langchainCases } from './langchain.mjs';

export const installed = '@langchain/openai';
export const api = 'openai';
export const open = ({ url, apiKey, model }) =>
  langchainCases(new ChatOpenAI({ model, apiKey, configuration: { baseURL: `${url}/openai/v1` } }));
