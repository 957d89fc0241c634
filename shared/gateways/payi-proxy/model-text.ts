import type Anthropic from '@anthropic-ai/sdk';
import { silent } from '../../http/event-stream.ts';
import type { AnthropicLoader } from '../../model/clients/load-anthropic.ts';
import { refused } from '../../trails/structured-output/errors.ts';
import { searchesOf } from '../../trails/structured-output/searches.ts';
import { takeTurns } from '../../trails/structured-output/turns.ts';
import { noAnswer } from './errors.ts';

/**
 * The text of an answer, paused turns continued. What stands between searches or tool blocks is apart by an empty line; what
 * citations split is not.
 * @throws AnswerError when it was declined; TrailmeterError 502 when it was cut off, or when every search failed.
 */
export async function textOf(
  anthropic: AnthropicLoader,
  params: Anthropic.MessageCreateParamsNonStreaming,
  signal: AbortSignal,
): Promise<string> {
  const { blocks, stopReason } = await takeTurns(anthropic, params, silent, signal);
  if (stopReason === 'refusal') throw refused();
  if (stopReason === 'max_tokens' || stopReason === 'model_context_window_exceeded') throw noAnswer('it was cut off');
  const { answered, errors } = searchesOf(blocks);
  if (answered === 0 && errors.length > 0) throw noAnswer('web search failed');
  let text = '';
  let apart = false;
  for (const block of blocks) {
    if (block.type !== 'text') apart = text !== '';
    else {
      text += apart ? `\n\n${block.text}` : block.text;
      apart = false;
    }
  }
  return text;
}
