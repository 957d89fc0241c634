import { contextWindow } from '../model/request/context-window.ts';
import { usualImageTokens } from '../model/request/image-tokens.ts';
import type { RequestShape } from '../model/request/request-shape.ts';
import type { AnswerReading } from '../model/usage/answer-reading.ts';
import type { ChargedCount, Usage } from '../model/usage/usage.ts';
import { withToolTurns } from './holds/tool-cost.ts';

/** A text of this many bytes is taken for one token: newer tokenizers make more of a text than four would. */
const BYTES_PER_TOKEN = 3;
/** More than a model writes in a second: what a model may have thought in the time that a call took. */
const HIDDEN_TOKENS_PER_SECOND = 500;

/** A stream of sound has 48,000 bytes a second, of which models make 20 tokens. */
const SOUND_BYTES_PER_TOKEN = 1_000;

const spokenTokens = (bytes: number): number => Math.ceil(bytes / SOUND_BYTES_PER_TOKEN);
/** The largest known prompt that the API adds for tools. */
const TOOL_PROMPT_TOKENS = 804;
/** A tool whose definition the API brings along; the heaviest has 6,600. */
const TOKENS_PER_TOOLSET = 7_000;

const tokensOf = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN);

/**
 * The usage of an answer whose totals are missing or cannot be read: upward, from what the request sent and what of the answer
 * passed. What can be read keeps its value.
 * @param tookMs how long the call took
 */
export function estimateUsage(reading: AnswerReading, shape: RequestShape, tookMs: number): Usage {
  const { usage, outputBytes, soundBytes = 0, searches, turns } = reading;
  const isUnknown = (name: ChargedCount): boolean => usage.unreadable.includes(name);
  const prompts = ['input', 'cacheWrite', 'cacheRead'] as const;
  const known = prompts.reduce((sum, name) => sum + (isUnknown(name) ? 0 : (usage[name] ?? 0)), 0);
  const rest = Math.max(0, requestTokens(shape) * (1 + (usage.input === null ? (turns?.count ?? 0) : 0)) - known);
  const upward = (name: ChargedCount, atLeast: number) => Math.max(usage[name] ?? 0, atLeast);
  const first: Usage = {
    ...usage,
    input: usage.input === null || isUnknown('input') ? upward('input', rest) : usage.input,
    cacheWrite: isUnknown('cacheWrite') ? upward('cacheWrite', rest) : usage.cacheWrite,
    cacheRead: isUnknown('cacheRead') ? upward('cacheRead', rest) : usage.cacheRead,
    webSearches: searches > 0 || isUnknown('webSearches') ? upward('webSearches', searches) : usage.webSearches,
    speed: usage.speed ?? (shape.fast ? 'fast' : null),
  };
  return {
    ...withToolTurns(first, turns),
    output: upward('output', tokensOf(outputBytes) + spokenTokens(soundBytes) + hiddenTokens(shape, tookMs)),
  };
}

function hiddenTokens({ hidesOutput, maxTokens }: RequestShape, tookMs: number): number {
  return hidesOutput ? Math.min(maxTokens, Math.ceil((tookMs * HIDDEN_TOKENS_PER_SECOND) / 1_000)) : 0;
}

/** Tokens of a request. What it reads from elsewhere can fill the context. */
function requestTokens(shape: RequestShape): number {
  const { textBytes, images, soundTokens, documentBytes, opaqueBy, hasTools, toolsets, model, longContext } = shape;
  const window = contextWindow(model, longContext);
  if (opaqueBy.length > 0 && documentBytes === 0) return window;
  const tools = (hasTools ? TOOL_PROMPT_TOKENS : 0) + toolsets * TOKENS_PER_TOOLSET;
  const text = tokensOf(textBytes + documentBytes);
  return Math.min(window, text + tools + images * usualImageTokens(model) + soundTokens);
}

/** Whether sound in a request and in its answer has counts of its own. */
const tellsSound = ({ audioInput, audioOutput }: Usage, { soundTokens, speaks }: RequestShape): boolean =>
  (soundTokens === 0 || audioInput !== null) && (!speaks || audioOutput !== null);

/** Where an answer does not tell sound from text, all of it is taken for sound, which is never cheaper. Undefined where it does. */
export function soundUsage(usage: Usage, shape: RequestShape): Usage | undefined {
  if (tellsSound(usage, shape)) return undefined;
  const { input, output } = usage;
  return {
    ...usage,
    audioInput: usage.audioInput ?? (shape.soundTokens > 0 ? input : null),
    audioOutput: usage.audioOutput ?? (shape.speaks ? output : null),
  };
}
