import type Anthropic from '@anthropic-ai/sdk';
import type { PromptTokens } from './cache.ts';
import type { Content } from './content.ts';
import type { ModelFacts } from './models.ts';
import { type MessageRequest, searchTool } from './request.ts';

/** The usage of a whole answer: each turn after a search reads the growing prompt again. */
export function usageOf(
  request: MessageRequest,
  model: ModelFacts,
  prompt: PromptTokens,
  content: Content,
): Anthropic.Usage {
  const counts = { ...prompt };
  const caching = prompt.read + prompt.written5m + prompt.written1h > 0;
  const first = prompt.uncached + prompt.read + prompt.written5m + prompt.written1h;
  let prefix = caching ? first - prompt.uncached : first;
  let unseen = caching ? prompt.uncached : 0;
  for (const tokens of content.searches.resultTokens) {
    if (caching) {
      // With caching on, the API sets five-minute breakpoints of its own on the results.
      counts.read += prefix;
      counts.written5m += unseen + tokens;
    } else counts.uncached += prefix + tokens;
    prefix += unseen + tokens;
    unseen = 0;
  }
  return {
    ...base(request, model, counts),
    output_tokens: content.outputTokens,
    output_tokens_details: { thinking_tokens: content.thinkingTokens },
    server_tool_use: searchTool(request)
      ? { web_search_requests: content.searches.billed, web_fetch_requests: 0 }
      : null,
  };
}

/** What `message_start` says: the first turn's prompt, one token of output. */
export const firstUsage = (request: MessageRequest, model: ModelFacts, prompt: PromptTokens): Anthropic.Usage => ({
  ...base(request, model, prompt),
  output_tokens: 1,
  output_tokens_details: null,
  server_tool_use: null,
});

function base(request: MessageRequest, model: ModelFacts, counts: PromptTokens) {
  return {
    input_tokens: counts.uncached,
    cache_creation_input_tokens: counts.written5m + counts.written1h,
    cache_creation: { ephemeral_5m_input_tokens: counts.written5m, ephemeral_1h_input_tokens: counts.written1h },
    cache_read_input_tokens: counts.read,
    service_tier: 'standard' as const,
    speed: model.fast === 'ignored' ? ('standard' as const) : (request.speed ?? 'standard'),
    inference_geo: model.geography ? (request.inference_geo ?? 'global') : null,
  };
}
