import { createOpenAI } from '@ai-sdk/openai';
import { vercelCases } from './vercel.mjs';

export const installed = '@ai-sdk/openai';
export const api = 'openai';
// The provider keeps no answers for callers of the gateway, so each step of a tool loop sends all of them.
export const open = ({ url, apiKey, model }) =>
  vercelCases(createOpenAI({ baseURL: `${url}/openai/v1`, apiKey }).responses(model));
