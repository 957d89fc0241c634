import { jsonRule, listRule, mediaRule, noteOpaque, objectRule, type Rule, textRule, typedRule } from '../rules.ts';
import { noteKeptSound, noteSound } from './sound-tokens.ts';

const cacheBreakpoint = { prompt_cache_breakpoint: objectRule({ mode: textRule }) };

/** Parts of a message's content. */
const contentPart = typedRule({
  text: objectRule({ text: textRule, ...cacheBreakpoint }),
  refusal: objectRule({ refusal: textRule }),
  image_url: objectRule(
    { image_url: objectRule({ url: mediaRule, detail: textRule }), ...cacheBreakpoint },
    (_part, found) => {
      found.images += 1;
    },
  ),
  input_audio: objectRule(
    { input_audio: objectRule({ data: mediaRule, format: textRule }), ...cacheBreakpoint },
    noteSound,
  ),
  file: objectRule(
    { file: objectRule({ file_data: mediaRule, file_id: textRule, filename: textRule }), ...cacheBreakpoint },
    (part, found, name) => {
      noteOpaque(part, found, name);
      const data: unknown = Object(part['file']).file_data;
      if (typeof data === 'string') found.documentBytes += Buffer.byteLength(data);
    },
  ),
});

const named = objectRule({ name: textRule });
const functionCall = objectRule({ name: textRule, arguments: textRule });
const functionDefinition = { name: textRule, description: textRule, parameters: jsonRule, strict: textRule };

const toolCalls = listRule(
  typedRule({
    function: objectRule({ id: textRule, function: functionCall, index: textRule }),
    custom: objectRule({ id: textRule, custom: objectRule({ name: textRule, input: textRule }) }),
  }),
);

const noteTool: Rule['note'] = (tool, found) => {
  found.tools.push(tool);
};

/** Every member of a chat completion that the request itself bounds. What is not here makes a request unbounded. */
export const chatRequest: Rule = objectRule({
  model: textRule,
  messages: listRule(
    objectRule({
      role: textRule,
      content: listRule(contentPart),
      name: textRule,
      refusal: textRule,
      reasoning_content: textRule,
      audio: objectRule({ id: textRule }, noteKeptSound),
      tool_call_id: textRule,
      tool_calls: toolCalls,
      function_call: functionCall,
    }),
  ),
  max_tokens: textRule,
  max_completion_tokens: textRule,
  n: textRule,
  prediction: typedRule({ content: objectRule({ content: listRule(contentPart) }) }),
  tools: listRule(
    typedRule({
      function: objectRule({ function: objectRule(functionDefinition) }, noteTool),
      custom: objectRule({ custom: objectRule({ name: textRule, description: textRule, format: jsonRule }) }, noteTool),
    }),
  ),
  tool_choice: typedRule({
    function: objectRule({ function: named }),
    custom: objectRule({ custom: named }),
    allowed_tools: objectRule({ allowed_tools: jsonRule }),
  }),
  functions: listRule(objectRule(functionDefinition, noteTool)),
  function_call: named,
  parallel_tool_calls: textRule,
  response_format: typedRule({
    text: objectRule({}),
    json_object: objectRule({}),
    json_schema: objectRule({
      json_schema: objectRule({ name: textRule, description: textRule, schema: jsonRule, strict: textRule }),
    }),
  }),
  stream: textRule,
  stream_options: objectRule({ include_usage: textRule, include_obfuscation: textRule }),
  modalities: listRule(textRule),
  audio: objectRule({ format: textRule, voice: objectRule({ id: textRule }) }),
  frequency_penalty: textRule,
  presence_penalty: textRule,
  logit_bias: { values: textRule },
  logprobs: textRule,
  top_logprobs: textRule,
  metadata: { values: textRule },
  prompt_cache_key: textRule,
  prompt_cache_options: objectRule({ mode: textRule, ttl: textRule }),
  prompt_cache_retention: textRule,
  reasoning_effort: textRule,
  safety_identifier: textRule,
  seed: textRule,
  service_tier: textRule,
  stop: listRule(textRule),
  store: textRule,
  temperature: textRule,
  top_p: textRule,
  user: textRule,
  verbosity: textRule,
});
