import {
  jsonRule,
  listRule,
  mediaRule,
  noteOpaque,
  noteThinking,
  objectRule,
  type Rule,
  textRule,
  typedRule,
} from '../rules.ts';
import { noteSound } from './sound-tokens.ts';

const cacheBreakpoint = { prompt_cache_breakpoint: objectRule({ mode: textRule }) };

/** Parts of a message's content. */
const contentPart = typedRule({
  input_text: objectRule({ text: textRule, ...cacheBreakpoint }),
  output_text: objectRule({ text: textRule, annotations: jsonRule, logprobs: jsonRule }),
  refusal: objectRule({ refusal: textRule }),
  input_image: objectRule(
    { image_url: mediaRule, file_id: textRule, detail: textRule, ...cacheBreakpoint },
    (_part, found) => {
      found.images += 1;
    },
  ),
  input_audio: objectRule({ input_audio: objectRule({ data: mediaRule, format: textRule }) }, noteSound),
  input_file: objectRule(
    {
      file_data: mediaRule,
      file_id: textRule,
      file_url: textRule,
      filename: textRule,
      detail: textRule,
      ...cacheBreakpoint,
    },
    (part, found, name) => {
      noteOpaque(part, found, name);
      const data = part['file_data'];
      if (typeof data === 'string') found.documentBytes += Buffer.byteLength(data);
    },
  ),
});

const message = objectRule({
  role: textRule,
  content: listRule(contentPart),
  id: textRule,
  status: textRule,
  phase: textRule,
});
const sharedOfCalls = { id: textRule, call_id: textRule, name: textRule, status: textRule, namespace: textRule };
const texts = listRule(objectRule({ type: textRule, text: textRule }));

const inputItems = typedRule({
  '': message,
  message,
  function_call: objectRule({ ...sharedOfCalls, arguments: textRule }),
  function_call_output: objectRule({ ...sharedOfCalls, output: listRule(contentPart) }),
  custom_tool_call: objectRule({ ...sharedOfCalls, input: textRule }),
  custom_tool_call_output: objectRule({ ...sharedOfCalls, output: listRule(contentPart) }),
  reasoning: objectRule(
    {
      id: textRule,
      summary: texts,
      content: texts,
      encrypted_content: textRule,
      status: textRule,
    },
    noteThinking,
  ),
});

const noteTool: Rule['note'] = (tool, found) => {
  found.tools.push(tool);
};

/** Every member of a request for a response that the request itself bounds: no tools that the provider runs, nothing that it keeps. */
export const responsesRequest: Rule = objectRule({
  model: textRule,
  input: listRule(inputItems),
  instructions: textRule,
  max_output_tokens: textRule,
  background: textRule,
  include: listRule(textRule),
  metadata: { values: textRule },
  parallel_tool_calls: textRule,
  prompt_cache_key: textRule,
  prompt_cache_options: objectRule({ mode: textRule, ttl: textRule }),
  prompt_cache_retention: textRule,
  reasoning: objectRule({ effort: textRule, summary: textRule, generate_summary: textRule }),
  safety_identifier: textRule,
  service_tier: textRule,
  store: textRule,
  stream: textRule,
  stream_options: objectRule({ include_obfuscation: textRule }),
  temperature: textRule,
  text: objectRule({
    verbosity: textRule,
    format: typedRule({
      text: objectRule({}),
      json_object: objectRule({}),
      json_schema: objectRule({ name: textRule, description: textRule, schema: jsonRule, strict: textRule }),
    }),
  }),
  tools: listRule(
    typedRule({
      function: objectRule({ name: textRule, description: textRule, parameters: jsonRule, strict: textRule }, noteTool),
      custom: objectRule({ name: textRule, description: textRule, format: jsonRule }, noteTool),
    }),
  ),
  tool_choice: typedRule({
    function: objectRule({ name: textRule }),
    custom: objectRule({ name: textRule }),
    allowed_tools: objectRule({ mode: textRule, tools: jsonRule }),
  }),
  top_logprobs: textRule,
  top_p: textRule,
  truncation: textRule,
  user: textRule,
});
