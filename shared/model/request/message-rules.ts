import { cacheControl } from './cache-rule.ts';
import { contentBlock, systemBlocks, systemMessageBlock } from './content-rules.ts';
import { json, list, object, type Rule, text, typed } from './rules.ts';
import { toolRules } from './tool-rules.ts';

const format = object({ schema: json, type: text });
const outputConfig = object({
  effort: text,
  format,
  task_budget: object({ total: text, type: text, remaining: text }),
});
const binding = object({ prefix_mismatch_behavior: text });
const thinking = typed({
  enabled: object({ budget_tokens: text, block_binding: binding, display: text }),
  disabled: object({}),
  between_tools: object({}),
  adaptive: object({ block_binding: binding, display: text }),
});
const amount = object({ type: text, value: text });

const edits = typed({
  clear_tool_uses_20250919: object({
    clear_at_least: amount,
    clear_tool_inputs: list(text),
    exclude_tools: list(text),
    keep: amount,
    trigger: amount,
  }),
  clear_thinking_20251015: object({ keep: amount }),
  compact_20260112: object({ instructions: text, pause_after_compaction: text, trigger: amount }),
});

/** Every member of a Messages request, those of older versions of the API too. */
export const messagesRequest: Rule = object({
  model: text,
  max_tokens: text,
  messages: list(
    object({
      role: text,
      content: list({ types: { ...contentBlock.types, ...typed(systemMessageBlock).types } }),
      clear_at: text,
      output_config: object({ effort: text }),
    }),
  ),
  system: systemBlocks,
  tools: list(toolRules),
  tool_choice: typed({
    auto: object({ disable_parallel_tool_use: text }),
    any: object({ disable_parallel_tool_use: text }),
    tool: object({ name: text, disable_parallel_tool_use: text }),
    none: object({}),
  }),
  thinking,
  output_config: outputConfig,
  output_format: format,
  billing_policy: object({ type: text, bill_to: text }),
  cache_control: cacheControl,
  compaction: object({ type: text, instructions: text }),
  container: object({ id: text, skills: list(object({ skill_id: text, type: text, version: text })) }),
  context_management: object({ edits: list(edits) }),
  diagnostics: object({ previous_message_id: text }),
  fallback_credit_token: object({ token: text, mode: text }),
  fallbacks: list(object({ model: text, max_tokens: text, output_config: outputConfig, speed: text, thinking })),
  inference_geo: text,
  mcp_servers: list(
    object({
      name: text,
      type: text,
      url: text,
      authorization_token: text,
      tool_configuration: object({ allowed_tools: list(text), enabled: text }),
    }),
  ),
  metadata: object({ user_id: text }),
  service_tier: text,
  speed: text,
  stop_sequences: list(text),
  stream: text,
  temperature: text,
  top_k: text,
  top_p: text,
  thread: object({ type: text, previous_message_id: text }),
});

/** What this app itself asks of providers with OpenAI's chat completions. */
export const chatRequest: Rule = object({
  model: text,
  max_tokens: text,
  max_completion_tokens: text,
  messages: list(object({ role: text, content: text })),
});
