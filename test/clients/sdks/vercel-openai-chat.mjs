import { createOpenAI } from '@ai-sdk/openai';
import { vercelCases } from './vercel.mjs';

export const installed = '@ai-sdk/openai';
export const api = 'openai';
export const open = ({ url, apiKey, model }) =>
  vercelCases(createOpenAI({ baseURL: `${url}/openai/v1`, apiKey }).chat(model));
