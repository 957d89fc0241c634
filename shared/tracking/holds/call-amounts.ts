import type { CallAmounts } from '../../limits/policies/units.ts';
import { contextWindow } from '../../model/request/context-window.ts';
import type { RequestShape } from '../../model/request/request-shape.ts';
import {
  boundsItself,
  cheapBound,
  exactBound,
  promptBytesBound,
  SERVER_TURNS,
  turnBound,
  withMargin,
} from './bound.ts';

/** The most that a call can use. `countedTokens`: of its prompt, as the provider counted it; absent: by the bytes of the request. */
export function boundAmounts(shape: RequestShape, atMs: number, countedTokens?: number): CallAmounts {
  const cost = countedTokens === undefined ? cheapBound(shape, atMs) : exactBound(shape, atMs, countedTokens);
  const bytes = shape.opaqueBy.length === 0 ? promptBytesBound(shape) : Infinity;
  const prompt = countedTokens === undefined ? bytes : withMargin(countedTokens);
  const asked = sampledTokens(shape, prompt, shape);
  const samplings = [asked, ...shape.others.map((other) => sampledTokens(shape, prompt, other))];
  // The provider may sum the conversation up first, which is a sampling of its own.
  if (shape.compactsBy !== undefined) samplings.push(asked);
  const sum = (side: 'input' | 'output') => BigInt(samplings.reduce((tokens, one) => tokens + one[side], 0));
  return {
    nanoUsd: cost,
    inputTokens: sum('input'),
    outputTokens: sum('output'),
    requests: 1n,
    images: BigInt(shape.images),
    webSearches: BigInt(shape.webSearches * samplings.length),
  };
}

/** What the request alone can use: as if no server tool added anything to its prompt. Searches that it allows are counted. */
export const certainAmounts = (shape: RequestShape, atMs: number, countedTokens?: number): CallAmounts =>
  boundAmounts({ ...shape, serverTools: [] }, atMs, countedTokens);

/** The input of one more turn of a server tool that adds so many tokens. */
export function turnAmounts(shape: RequestShape, atMs: number, addedTokens: number): CallAmounts {
  const window = contextWindow(shape.model, shape.longContext);
  const prompt = shape.opaqueBy.length === 0 ? Math.min(window, promptBytesBound(shape)) : window;
  return inputAmounts(turnBound(shape, atMs, addedTokens), prompt + addedTokens);
}

/** Input alone, such as that which server tools add. */
export const inputAmounts = (nanoUsd: bigint, tokens: number): CallAmounts => ({
  nanoUsd,
  inputTokens: BigInt(tokens),
  outputTokens: 0n,
  requests: 0n,
  images: 0n,
  webSearches: 0n,
});

/** Tokens that one of the models that a call may reach reads and writes at most. */
function sampledTokens(
  shape: RequestShape,
  promptTokens: number,
  { model, maxTokens, uses = 1 }: { model: string; maxTokens: number; uses?: number },
): { input: number; output: number } {
  const window = contextWindow(model, shape.longContext);
  const output = maxTokens * uses;
  return boundsItself(shape)
    ? { input: Math.min(promptTokens, window), output }
    : { input: window * SERVER_TURNS, output };
}
