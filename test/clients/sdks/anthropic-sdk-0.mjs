import Anthropic from 'anthropic-sdk-0';
import { anthropicCases } from './anthropic.mjs';

export const installed = 'anthropic-sdk-0';
export const api = 'anthropic';
export const open = (options) => anthropicCases(Anthropic, options);
