import Anthropic from '@anthropic-ai/sdk';
import { anthropicCases } from './anthropic.mjs';

export const installed = '@anthropic-ai/sdk';
export const api = 'anthropic';
export const open = (options) => anthropicCases(Anthropic, options);
