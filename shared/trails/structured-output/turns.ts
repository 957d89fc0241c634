import type Anthropic from '@anthropic-ai/sdk';
import type { Progress } from '../../http/event-stream.ts';
import type { AnthropicLoader } from '../../model/clients/load-anthropic.ts';
import { getContext } from '../../tracking/context.ts';
import { callError, interrupted } from './errors.ts';

/** How often a paused turn is continued. Each time is a call that is paid. */
const MAX_CONTINUATIONS = 3;

/** Everything that came back for one question. */
export interface Turns {
  blocks: Anthropic.ContentBlock[];
  stopReason: Anthropic.StopReason | null;
  /** The model that really answered. */
  model: string;
}

/**
 * Asks once, and again as long as the model pauses a long turn (`pause_turn`): what it sent goes back unchanged with
 * the same tools. Streams always, so that long answers need no long timeout and people see how far it is.
 * @throws AnswerError, or an error of our own from inside the call (e.g. a limit).
 */
export async function takeTurns(
  anthropic: AnthropicLoader,
  params: Anthropic.MessageCreateParamsNonStreaming,
  progress: Progress,
  signal: AbortSignal,
  maxContinuations = MAX_CONTINUATIONS,
): Promise<Turns> {
  const blocks: Anthropic.ContentBlock[] = [];
  let { messages, model } = params;
  for (let continued = 0; ; continued += 1) {
    const message = await oneTurn(anthropic, { ...params, model, messages }, progress, signal);
    blocks.push(...message.content);
    if (message.stop_reason !== 'pause_turn' || continued === maxContinuations)
      return { blocks, stopReason: message.stop_reason, model: message.model };
    // Only the model that thought it takes its own thinking again.
    model = getContext()?.calls.at(-1)?.fallback?.model ?? model;
    messages = [...messages, { role: 'assistant', content: message.content as Anthropic.ContentBlockParam[] }];
  }
}

async function oneTurn(
  anthropic: AnthropicLoader,
  params: Anthropic.MessageCreateParamsNonStreaming,
  progress: Progress,
  signal: AbortSignal,
): Promise<Anthropic.Message> {
  try {
    signal.throwIfAborted();
    const { messages } = await anthropic();
    const stream = messages.stream(params, { signal });
    stream.on('text', (text) => progress('writing', { text }));
    stream.on('contentBlock', (block) => reportSearch(block, progress));
    return await stream.finalMessage();
  } catch (error) {
    throw signal.aborted ? interrupted(signal) : callError(error);
  }
}

function reportSearch(block: Anthropic.ContentBlock, progress: Progress): void {
  if (block.type === 'server_tool_use' && block.name === 'web_search') {
    const { query } = block.input as { query?: unknown };
    progress('searching', { query: typeof query === 'string' ? query : '' });
  }
  if (block.type === 'web_search_tool_result')
    progress('reading', { results: Array.isArray(block.content) ? block.content.length : 0 });
}
