import { cacheControl } from './cache-rule.ts';
import {
  type FoundContent,
  jsonRule,
  listRule,
  mediaRule,
  noteOpaque,
  noteThinking,
  objectRule,
  type Rule,
  textRule,
  typedRule,
} from './rules.ts';
import { toolParam, toolRules } from './tool-rules.ts';

const file = (block: Record<string, unknown>, found: FoundContent, name: string): void => {
  noteOpaque(block, found, name);
  found.documentBytes += Buffer.byteLength(String(block['data']));
};
const picture = (_block: unknown, found: FoundContent): void => {
  found.images += 1;
};

/** A block: its own members, and those that every kind of block may have. */
const block = (members: Record<string, Rule>, note?: Rule['note']): Rule =>
  objectRule({ cache_control: cacheControl, ...members }, note);

const citations = objectRule({ enabled: textRule });
const textBlock = block({
  text: textRule,
  citations: listRule(
    typedRule({
      char_location: location('document_index', 'document_title', 'end_char_index', 'start_char_index'),
      page_location: location('document_index', 'document_title', 'end_page_number', 'start_page_number'),
      content_block_location: location('document_index', 'document_title', 'end_block_index', 'start_block_index'),
      web_search_result_location: location('encrypted_index', 'title', 'url'),
      search_result_location: location(
        'end_block_index',
        'search_result_index',
        'source',
        'start_block_index',
        'title',
      ),
    }),
  ),
});

function location(...names: string[]): Rule {
  return objectRule(Object.fromEntries(['cited_text', ...names].map((name) => [name, textRule])));
}

/** The API reads a picture here and nowhere else: what looks like one elsewhere is text. */
const image = block(
  {
    source: typedRule({
      base64: objectRule({ data: mediaRule, media_type: textRule }),
      url: objectRule({ url: textRule }),
      file: objectRule({ file_id: textRule }),
    }),
    transformations: objectRule({ oversized_image: textRule }),
  },
  picture,
);

const document = block({
  source: typedRule({
    base64: objectRule({ data: mediaRule, media_type: textRule }, file),
    url: objectRule({ url: textRule }, noteOpaque),
    file: objectRule({ file_id: textRule }, noteOpaque),
    text: objectRule({ data: textRule, media_type: textRule }),
    content: objectRule({ content: listRule(typedRule({ text: textBlock, image })) }),
  }),
  citations,
  context: textRule,
  title: textRule,
});

const searchResult = block({
  content: listRule(typedRule({ text: textBlock })),
  source: textRule,
  title: textRule,
  citations,
});
const toolReference = block({ tool_name: textRule });

const browserState = block({
  tabs: listRule(objectRule({ tab_id: textRule, title: textRule, url: textRule, active: textRule })),
  state_changes: listRule(
    typedRule({
      tab_opened: objectRule({ tab_id: textRule }),
      download_started: objectRule({ download_id: textRule, url: textRule }),
      download_completed: objectRule({ download_id: textRule, url: textRule, path: textRule, size_bytes: textRule }),
      download_failed: objectRule({ download_id: textRule, url: textRule, error: textRule }),
    }),
  ),
});

const caller = typedRule({
  direct: objectRule({}),
  code_execution_20250825: objectRule({ tool_id: textRule }),
  code_execution_20260120: objectRule({ tool_id: textRule }),
});
const use = { id: textRule, input: jsonRule, name: textRule };

const failed = objectRule({ error_code: textRule });
const failedWithText = objectRule({ error_code: textRule, error_message: textRule });

/** A result of a tool that the provider ran. `kinds`: what its `content` may be. */
const result = (kinds: Record<string, Rule>, more: Record<string, Rule> = {}): Rule =>
  block({ tool_use_id: textRule, content: typedRule(kinds), ...more });

/** Output of code that ran: its files cannot be read from the request. */
const output = (file: string, ...names: string[]): Rule =>
  objectRule({
    ...Object.fromEntries(['return_code', 'stderr', ...names].map((name) => [name, textRule])),
    content: listRule(typedRule({ [file]: objectRule({ file_id: textRule }) })),
  });

const toolNames = {
  tool_reference: objectRule({ name: textRule }),
  mcp_tool_reference: objectRule({ name: textRule, server_name: textRule }),
  mcp_toolset_reference: objectRule({ server_name: textRule }),
};
/** With `inline-tools` a message defines tools, which count like those of `tools`. */
const toolAddition = block({
  tool: typedRule({ ...toolNames, tool_definition: objectRule({ definition: toolRules }) }),
});
const toolRemoval = block({ tool: typedRule(toolNames) });
const toolChanges = { tool_addition: toolAddition, tool_removal: toolRemoval };

const modelName = objectRule({ model: textRule });

/** Blocks of a user's or the assistant's message. */
export const contentBlock: Rule = typedRule({
  text: textBlock,
  image,
  document,
  search_result: searchResult,
  thinking: objectRule({ signature: textRule, thinking: textRule }, noteThinking),
  redacted_thinking: objectRule({ data: textRule }, noteThinking),
  tool_use: block({ ...use, caller, toolset_name: textRule }),
  server_tool_use: block({ ...use, caller }),
  mcp_tool_use: block({ ...use, server_name: textRule }),
  tool_result: block({
    tool_use_id: textRule,
    content: listRule(
      typedRule({
        text: textBlock,
        image,
        search_result: searchResult,
        document,
        tool_reference: toolReference,
        browser_state: browserState,
      }),
    ),
    is_error: textRule,
    toolset_name: textRule,
  }),
  mcp_tool_result: block({
    tool_use_id: textRule,
    content: listRule(typedRule({ text: textBlock })),
    is_error: textRule,
  }),
  web_search_tool_result: block({
    tool_use_id: textRule,
    caller,
    content: {
      ...typedRule({ web_search_tool_result_error: failed }),
      items: typedRule({
        web_search_result: objectRule({
          encrypted_content: textRule,
          title: textRule,
          url: textRule,
          page_age: textRule,
        }),
      }),
    },
  }),
  web_fetch_tool_result: result(
    {
      web_fetch_tool_result_error: failed,
      web_fetch_result: objectRule({ content: typedRule({ document }), url: textRule, retrieved_at: textRule }),
    },
    { caller },
  ),
  advisor_tool_result: result({
    advisor_tool_result_error: failed,
    advisor_result: objectRule({ text: textRule, stop_reason: textRule }),
    advisor_redacted_result: objectRule({ encrypted_content: textRule, stop_reason: textRule }),
  }),
  code_execution_tool_result: result({
    code_execution_tool_result_error: failed,
    code_execution_result: output('code_execution_output', 'stdout'),
    encrypted_code_execution_result: output('code_execution_output', 'encrypted_stdout'),
  }),
  bash_code_execution_tool_result: result({
    bash_code_execution_tool_result_error: failed,
    bash_code_execution_result: output('bash_code_execution_output', 'stdout'),
  }),
  text_editor_code_execution_tool_result: result({
    text_editor_code_execution_tool_result_error: failedWithText,
    text_editor_code_execution_view_result: objectRule({
      content: textRule,
      file_type: textRule,
      num_lines: textRule,
      start_line: textRule,
      total_lines: textRule,
    }),
    text_editor_code_execution_create_result: objectRule({ is_file_update: textRule }),
    text_editor_code_execution_str_replace_result: objectRule({
      lines: listRule(textRule),
      new_lines: textRule,
      new_start: textRule,
      old_lines: textRule,
      old_start: textRule,
    }),
  }),
  tool_search_tool_result: result({
    tool_search_tool_result_error: failedWithText,
    tool_search_tool_search_result: objectRule({
      tool_references: listRule(typedRule({ tool_reference: toolReference })),
    }),
  }),
  container_upload: block({ file_id: textRule }, noteOpaque),
  compaction: block({
    content: textRule,
    encrypted_content: textRule,
    signature: textRule,
    tool_changes: listRule(typedRule(toolChanges)),
  }),
  ...toolChanges,
  mcp_tool_listing: objectRule({ mcp_server_name: textRule, tools: listRule(toolParam) }),
  fallback: objectRule({ from: modelName, to: modelName, trigger: jsonRule }),
});

/** Blocks of `system`. */
export const systemBlocks: Rule = listRule(typedRule({ text: textBlock }));
/** Blocks of a message whose role is `system`. */
export const systemMessageBlock = { text: textBlock, ...toolChanges };
