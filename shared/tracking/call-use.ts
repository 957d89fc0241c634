import type { Units } from '../events/usage-event.ts';
import type { CallUse } from '../limits/policies/units.ts';
import type { RequestShape } from '../model/request/request-shape.ts';
import type { Used } from './attempt-result.ts';

/** What a call has used with one more attempt. Once an attempt has no known price the whole call has none. */
export function addUse(use: CallUse, used: readonly Used[], shape: RequestShape): CallUse {
  const sum: CallUse = { ...use };
  for (const { event, cost, isCharged } of used) {
    const { input, output, searches } = tokensAndSearches(event.units);
    sum.nanoUsd = sum.nanoUsd === null || cost === null ? null : sum.nanoUsd + cost;
    sum.inputTokens += BigInt(input);
    sum.outputTokens += BigInt(output);
    sum.webSearches += BigInt(searches);
    if (isCharged) sum.images = BigInt(shape.images);
  }
  return sum;
}

/** Tokens and web searches of an event. */
export function tokensAndSearches(units: Units): { input: number; output: number; searches: number } {
  const counts = { input: 0, output: 0, searches: 0 };
  for (const unit in units) {
    const { input = 0, output = 0 } = units[unit] ?? {};
    if (unit === 'web_search_request') counts.searches += input + output;
    else {
      counts.input += input;
      counts.output += output;
    }
  }
  return counts;
}
