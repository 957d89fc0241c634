import { fallbackHeader, limitState } from '../http/limit-state.ts';
import type { TrackedCall } from '../tracking/call.ts';
import { usdText } from '../util/money.ts';

/**
 * What a caller gets to know of its call: the instance, the state of its limits, and what it cost once that is known. A stream's
 * cost is not known when its headers leave, and an HTTP function can send no trailers: see `costComment`.
 */
export function outcomeHeaders(call: TrackedCall): Record<string, string> {
  const cost = call.report?.costNanoUsd;
  const warnings = call.report?.warnings ?? call.hold?.warnings ?? [];
  return {
    'x-use-case-id': call.useCase.id,
    ...limitState(warnings),
    ...fallbackHeader(call.fallback),
    ...(typeof cost === 'bigint' && { 'x-request-cost': usdText(cost) }),
  };
}

/**
 * The same as the last comment of an event stream, for a client that asks with `x-cost-in-stream: true`. Readers of events pass over
 * comments. Undefined for a client that did not ask.
 */
export function costComment(headers: Headers, call: TrackedCall): (() => string) | undefined {
  if (headers.get('x-cost-in-stream') !== 'true') return undefined;
  return () => `: ${JSON.stringify(outcomeHeaders(call))}\n\n`;
}
