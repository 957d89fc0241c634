import type Anthropic from '@anthropic-ai/sdk';
import { answerText, answerValue } from '../answers/answer.ts';
import { askedSchema } from '../answers/asked-schema.ts';
import { askedTag, inAskedTag } from '../answers/asked-tag.ts';
import type { Feature } from '../answers/feature.ts';
import { satisfyCaller } from '../answers/satisfy.ts';
import type { Scene } from '../answers/scene.ts';
import { idFrom, opaque } from '../random.ts';
import type { Outcome } from '../script.ts';
import type { ModelFacts } from './models.ts';
import type { MessageRequest } from './request.ts';
import { citedBlocks, runSearches, type Searches } from './search.ts';
import { textTokens } from './tokens.ts';

export interface Content {
  blocks: Anthropic.ContentBlock[];
  stopReason: Anthropic.StopReason;
  stopSequence: string | null;
  searches: Searches;
  outputTokens: number;
  thinkingTokens: number;
}

interface Call {
  request: MessageRequest;
  model: ModelFacts;
  feature: Feature;
  scene: Scene;
  outcome: Outcome;
  /** Blocks of the API's own that come before the text. */
  before: Anthropic.ContentBlock[];
  /** Makes ids of this call its own. */
  key: string;
}

/** The blocks of an answer, cut at `max_tokens` and at stop sequences. */
export function createContent(call: Call): Content {
  const { request, outcome, scene, key } = call;
  const searches = runSearches(request, scene, outcome, key);
  let blocks = (outcome.content as Anthropic.ContentBlock[] | undefined) ?? [
    ...thinking(call),
    ...call.before,
    ...introduction(call, searches),
    ...searches.blocks,
    ...closing(call, searches),
  ];
  if (outcome.stopReason === 'refusal' && outcome.text === undefined && !outcome.content) blocks = [];
  if (outcome.stopReason === 'pause_turn' && !outcome.content) blocks = untilPause(blocks);
  const stopped = atStopSequence(blocks, request.stop_sequences ?? []);
  const cut = atMaxTokens(stopped.blocks, request.max_tokens, call.model);
  const natural = cut.blocks.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';
  return {
    blocks: cut.blocks,
    stopReason:
      outcome.stopReason ?? (cut.truncated ? 'max_tokens' : stopped.sequence === null ? natural : 'stop_sequence'),
    stopSequence: cut.truncated ? null : stopped.sequence,
    searches,
    outputTokens: cut.tokens,
    thinkingTokens: cut.thinking,
  };
}

function thinking({ request, model, scene, key }: Call): Anthropic.ContentBlock[] {
  const kind = request.thinking?.type;
  const thinks = kind === 'adaptive' || kind === 'enabled' || (kind === undefined && model.thinksByDefault);
  if (!thinks || request.max_tokens === 0) return [];
  const shown = request.thinking?.['display'] !== 'omitted';
  const text = shown
    ? `The request is about ${scene.place.name}. I weigh the terrain, the season and the vehicle.`
    : '';
  return [{ type: 'thinking', thinking: text, signature: opaque(`${key}:thinking`, 120) }];
}

/** What the model says before it searches; an answer by schema has no such prose. */
function introduction({ request, scene, outcome }: Call, searches: Searches): Anthropic.ContentBlock[] {
  if (searches.blocks.length === 0 || request.output_config?.format || outcome.text !== undefined) return [];
  return [{ type: 'text', text: `I'll search for off-road trails near ${scene.place.name}.`, citations: null }];
}

function closing(call: Call, searches: Searches): Anthropic.ContentBlock[] {
  const { request, feature, scene, outcome, key } = call;
  if (outcome.text !== undefined) {
    const text = outcome.text.replaceAll('{tag}', askedTag(scene.prompt) ?? 'answer');
    return [{ type: 'text', text, citations: null }];
  }
  const tool = toolToCall(request);
  if (tool) {
    const schema = (tool['input_schema'] ?? {}) as Record<string, unknown>;
    const input = satisfyCaller(schema, {}, tool.name ?? 'tool', {
      root: schema,
      random: scene.random,
      place: scene.place.name,
    });
    const id = idFrom('toolu', key);
    return [{ type: 'tool_use', id, name: tool.name ?? 'tool', input, caller: { type: 'direct' } }];
  }
  const value = answerValue(feature, scene, request.output_config?.format?.schema ?? askedSchema(scene.prompt));
  const text = value === undefined ? answerText(scene) : inAskedTag(JSON.stringify(value), scene.prompt);
  return searches.billed > 0 && !request.output_config?.format
    ? citedBlocks(text, value, scene, key)
    : [{ type: 'text', text, citations: null }];
}

/** The tool of the caller's own that the answer calls: the forced one, else the first, until it has a result. */
function toolToCall(request: MessageRequest) {
  const own = (request.tools ?? []).filter((tool) => tool['input_schema'] !== undefined);
  const choice = request.tool_choice;
  if (choice?.type === 'none') return undefined;
  if (choice?.type === 'tool') return own.find((tool) => tool.name === choice.name);
  const last = request.messages.at(-1)?.content;
  const answered = Array.isArray(last) && last.some((block) => block.type === 'tool_result');
  return answered && choice?.type !== 'any' ? undefined : own[0];
}

/** A paused turn ends with a search that has no result yet. */
function untilPause(blocks: Anthropic.ContentBlock[]): Anthropic.ContentBlock[] {
  const last = blocks.findLastIndex((block) => block.type === 'server_tool_use');
  return last < 0 ? blocks : blocks.slice(0, last + 1);
}

function atStopSequence(blocks: Anthropic.ContentBlock[], sequences: string[]) {
  for (const [index, block] of blocks.entries()) {
    if (block.type !== 'text') continue;
    const found = sequences
      .map((sequence) => ({ sequence, at: sequence === '' ? -1 : block.text.indexOf(sequence) }))
      .filter(({ at }) => at >= 0)
      .sort((left, right) => left.at - right.at)[0];
    if (!found) continue;
    const rest = found.at > 0 ? [{ ...block, text: block.text.slice(0, found.at) }] : [];
    return { blocks: [...blocks.slice(0, index), ...rest], sequence: found.sequence };
  }
  return { blocks, sequence: null };
}

/** Raw thinking is longer than the summary of it that the answer shows. */
const THINKING_FACTOR = 3;

function atMaxTokens(blocks: Anthropic.ContentBlock[], most: number, model: ModelFacts) {
  const kept: Anthropic.ContentBlock[] = [];
  let tokens = 0;
  let thinkingTokens = 0;
  for (const block of blocks) {
    const cost = blockTokens(block, model);
    if (tokens + cost > most) {
      const room = (most - tokens) * model.bytesPerToken;
      if (block.type === 'text' && room > 0) kept.push({ ...block, text: prefixOf(block.text, room) });
      return { blocks: kept, tokens: most, thinking: thinkingTokens, truncated: true };
    }
    if (block.type === 'thinking') thinkingTokens += cost;
    tokens += cost;
    kept.push(block);
  }
  return { blocks: kept, tokens: Math.max(tokens, Math.min(most, 1)), thinking: thinkingTokens, truncated: most === 0 };
}

function blockTokens(block: Anthropic.ContentBlock, model: ModelFacts): number {
  if (block.type === 'text') return textTokens(block.text, model);
  if (block.type === 'thinking') return 20 + textTokens(block.thinking, model) * THINKING_FACTOR;
  if (block.type === 'tool_use' || block.type === 'server_tool_use') {
    return 20 + textTokens(JSON.stringify(block.input), model);
  }
  return 0;
}

/** The longest beginning of a text that fits `bytes` in UTF-8 and cuts no character. */
function prefixOf(text: string, bytes: number): string {
  const whole = Buffer.from(text);
  let end = Math.min(bytes, whole.length);
  while (end > 0 && end < whole.length && ((whole[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return whole.subarray(0, end).toString();
}
