import type Anthropic from '@anthropic-ai/sdk';

/** One server-sent event; its name is `type`. */
export type StreamEvent = { type: string } & Record<string, unknown>;

/** The events of an answer in the order of the API's grammar. `start` is the usage that `message_start` gives, `first` the model. */
export function* eventsOf(
  message: Anthropic.Message,
  start: Anthropic.Usage,
  first: string = message.model,
): Generator<StreamEvent> {
  yield {
    type: 'message_start',
    message: {
      ...message,
      model: first,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: start,
    },
  };
  yield { type: 'ping' };
  for (const [index, block] of message.content.entries()) {
    yield { type: 'content_block_start', index, content_block: emptied(block) };
    for (const delta of deltasOf(block)) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
  }
  yield {
    type: 'message_delta',
    delta: {
      stop_reason: message.stop_reason,
      stop_sequence: message.stop_sequence,
      stop_details: message.stop_details,
      container: message.container,
    },
    usage: deltaUsage(message.usage),
  };
  yield { type: 'message_stop' };
}

/** A block as its start event shows it. Results of server tools arrive whole. */
function emptied(block: Anthropic.ContentBlock): unknown {
  if (block.type === 'text') return { ...block, text: '', citations: block.citations ? [] : null };
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' };
  if (block.type === 'tool_use' || block.type === 'server_tool_use') return { ...block, input: {} };
  return block;
}

function* deltasOf(block: Anthropic.ContentBlock): Generator<StreamEvent> {
  if (block.type === 'text') {
    for (const citation of block.citations ?? []) yield { type: 'citations_delta', citation };
    for (const text of pieces(block.text)) yield { type: 'text_delta', text };
  } else if (block.type === 'thinking') {
    for (const thinking of pieces(block.thinking)) yield { type: 'thinking_delta', thinking };
    yield { type: 'signature_delta', signature: block.signature };
  } else if (block.type === 'tool_use' || block.type === 'server_tool_use') {
    yield { type: 'input_json_delta', partial_json: '' };
    for (const piece of pieces(JSON.stringify(block.input))) yield { type: 'input_json_delta', partial_json: piece };
  }
}

/** Cuts a text into pieces of about a dozen tokens without cutting a character. */
function* pieces(text: string): Generator<string> {
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at += 48) yield characters.slice(at, at + 48).join('');
}

/** The totals as `message_delta` gives them: without the cache split, tier, speed and geography. */
const deltaUsage = (usage: Anthropic.Usage): Anthropic.MessageDeltaUsage => ({
  input_tokens: usage.input_tokens,
  cache_creation_input_tokens: usage.cache_creation_input_tokens,
  cache_read_input_tokens: usage.cache_read_input_tokens,
  output_tokens: usage.output_tokens,
  output_tokens_details: usage.output_tokens_details,
  server_tool_use: usage.server_tool_use,
  ...('iterations' in usage && { iterations: usage.iterations }),
});

export const encodeEvent = (event: StreamEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
