import { createAnthropic } from '@ai-sdk/anthropic';
import { vercelCases } from './vercel.mjs';

export const installed = '@ai-sdk/anthropic';
export const api = 'anthropic';
export const open = ({ url, apiKey, model }) =>
  vercelCases(createAnthropic({ baseURL: `${url}/anthropic/v1`, apiKey })(model));
