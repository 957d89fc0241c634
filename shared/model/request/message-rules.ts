import { cacheControl } from './cache-rule.ts';
import { contentBlock, systemBlocks, systemMessageBlock } from './content-rules.ts';
import { jsonRule, listRule, objectRule, type Rule, textRule, typedRule } from './rules.ts';
import { toolRules } from './tool-rules.ts';

const format = objectRule({ schema: jsonRule, type: textRule });
const outputConfig = objectRule({
  effort: textRule,
  format,
  task_budget: objectRule({ total: textRule, type: textRule, remaining: textRule }),
});
const binding = objectRule({ prefix_mismatch_behavior: textRule });
const thinking = typedRule({
  enabled: objectRule({ budget_tokens: textRule, block_binding: binding, display: textRule }),
  disabled: objectRule({}),
  between_tools: objectRule({}),
  adaptive: objectRule({ block_binding: binding, display: textRule }),
});
const amount = objectRule({ type: textRule, value: textRule });

const edits = typedRule({
  clear_tool_uses_20250919: objectRule({
    clear_at_least: amount,
    clear_tool_inputs: listRule(textRule),
    exclude_tools: listRule(textRule),
    keep: amount,
    trigger: amount,
  }),
  clear_thinking_20251015: objectRule({ keep: amount }),
  compact_20260112: objectRule({ instructions: textRule, pause_after_compaction: textRule, trigger: amount }),
});

/** Every member of a Messages request, those of older versions of the API too. */
export const messagesRequest: Rule = objectRule({
  model: textRule,
  max_tokens: textRule,
  messages: listRule(
    objectRule({
      role: textRule,
      content: listRule({ types: { ...contentBlock.types, ...typedRule(systemMessageBlock).types } }),
      clear_at: textRule,
      output_config: objectRule({ effort: textRule }),
    }),
  ),
  system: systemBlocks,
  tools: listRule(toolRules),
  tool_choice: typedRule({
    auto: objectRule({ disable_parallel_tool_use: textRule }),
    any: objectRule({ disable_parallel_tool_use: textRule }),
    tool: objectRule({ name: textRule, disable_parallel_tool_use: textRule }),
    none: objectRule({}),
  }),
  thinking,
  output_config: outputConfig,
  output_format: format,
  billing_policy: objectRule({ type: textRule, bill_to: textRule }),
  cache_control: cacheControl,
  compaction: objectRule({ type: textRule, instructions: textRule }),
  container: objectRule({
    id: textRule,
    skills: listRule(objectRule({ skill_id: textRule, type: textRule, version: textRule })),
  }),
  context_management: objectRule({ edits: listRule(edits) }),
  diagnostics: objectRule({ previous_message_id: textRule }),
  fallback_credit_token: objectRule({ token: textRule, mode: textRule }),
  fallbacks: listRule(
    objectRule({ model: textRule, max_tokens: textRule, output_config: outputConfig, speed: textRule, thinking }),
  ),
  inference_geo: textRule,
  mcp_servers: listRule(
    objectRule({
      name: textRule,
      type: textRule,
      url: textRule,
      authorization_token: textRule,
      tool_configuration: objectRule({ allowed_tools: listRule(textRule), enabled: textRule }),
    }),
  ),
  metadata: objectRule({ user_id: textRule }),
  service_tier: textRule,
  speed: textRule,
  stop_sequences: listRule(textRule),
  stream: textRule,
  temperature: textRule,
  top_k: textRule,
  top_p: textRule,
  thread: objectRule({ type: textRule, previous_message_id: textRule }),
});
