import { cacheControl } from './cache-rule.ts';
import { type Found, json, list, media, object, type Rule, text, typed } from './rules.ts';
import { toolParam, toolRules } from './tool-rules.ts';

const opaque = (_block: unknown, found: Found): void => {
  found.opaque = true;
};
const file = ({ data }: Record<string, unknown>, found: Found): void => {
  found.opaque = true;
  found.documentBytes += Buffer.byteLength(String(data));
};
const picture = (_block: unknown, found: Found): void => {
  found.images += 1;
};

/** A block: its own members, and those that every kind of block may have. */
const block = (members: Record<string, Rule>, note?: Rule['note']): Rule =>
  object({ cache_control: cacheControl, ...members }, note);

const citations = object({ enabled: text });
const textBlock = block({
  text,
  citations: list(
    typed({
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
  return object(Object.fromEntries(['cited_text', ...names].map((name) => [name, text])));
}

/** The API reads a picture here and nowhere else: what looks like one elsewhere is text. */
const image = block(
  {
    source: typed({
      base64: object({ data: media, media_type: text }),
      url: object({ url: text }),
      file: object({ file_id: text }),
    }),
    transformations: object({ oversized_image: text }),
  },
  picture,
);

const document = block({
  source: typed({
    base64: object({ data: media, media_type: text }, file),
    url: object({ url: text }, opaque),
    file: object({ file_id: text }, opaque),
    text: object({ data: text, media_type: text }),
    content: object({ content: list(typed({ text: textBlock, image })) }),
  }),
  citations,
  context: text,
  title: text,
});

const searchResult = block({ content: list(typed({ text: textBlock })), source: text, title: text, citations });
const toolReference = block({ tool_name: text });

const browserState = block({
  tabs: list(object({ tab_id: text, title: text, url: text, active: text })),
  state_changes: list(
    typed({
      tab_opened: object({ tab_id: text }),
      download_started: object({ download_id: text, url: text }),
      download_completed: object({ download_id: text, url: text, path: text, size_bytes: text }),
      download_failed: object({ download_id: text, url: text, error: text }),
    }),
  ),
});

const caller = typed({
  direct: object({}),
  code_execution_20250825: object({ tool_id: text }),
  code_execution_20260120: object({ tool_id: text }),
});
const use = { id: text, input: json, name: text };

const failed = object({ error_code: text });
const failedWithText = object({ error_code: text, error_message: text });

/** A result of a tool that the provider ran. `kinds`: what its `content` may be. */
const result = (kinds: Record<string, Rule>, more: Record<string, Rule> = {}): Rule =>
  block({ tool_use_id: text, content: typed(kinds), ...more });

/** Output of code that ran: its files cannot be read from the request. */
const output = (file: string, ...names: string[]): Rule =>
  object({
    ...Object.fromEntries(['return_code', 'stderr', ...names].map((name) => [name, text])),
    content: list(typed({ [file]: object({ file_id: text }) })),
  });

const toolNames = {
  tool_reference: object({ name: text }),
  mcp_tool_reference: object({ name: text, server_name: text }),
  mcp_toolset_reference: object({ server_name: text }),
};
/** With `inline-tools` a message defines tools, which count like those of `tools`. */
const toolAddition = block({ tool: typed({ ...toolNames, tool_definition: object({ definition: toolRules }) }) });
const toolRemoval = block({ tool: typed(toolNames) });
const toolChanges = { tool_addition: toolAddition, tool_removal: toolRemoval };

const modelName = object({ model: text });

/** Blocks of a user's or the assistant's message. */
export const contentBlock: Rule = typed({
  text: textBlock,
  image,
  document,
  search_result: searchResult,
  thinking: object({ signature: text, thinking: text }),
  redacted_thinking: object({ data: text }),
  tool_use: block({ ...use, caller, toolset_name: text }),
  server_tool_use: block({ ...use, caller }),
  mcp_tool_use: block({ ...use, server_name: text }),
  tool_result: block({
    tool_use_id: text,
    content: list(
      typed({
        text: textBlock,
        image,
        search_result: searchResult,
        document,
        tool_reference: toolReference,
        browser_state: browserState,
      }),
    ),
    is_error: text,
    toolset_name: text,
  }),
  mcp_tool_result: block({ tool_use_id: text, content: list(typed({ text: textBlock })), is_error: text }),
  web_search_tool_result: block({
    tool_use_id: text,
    caller,
    content: {
      ...typed({ web_search_tool_result_error: failed }),
      items: typed({ web_search_result: object({ encrypted_content: text, title: text, url: text, page_age: text }) }),
    },
  }),
  web_fetch_tool_result: result(
    {
      web_fetch_tool_result_error: failed,
      web_fetch_result: object({ content: typed({ document }), url: text, retrieved_at: text }),
    },
    { caller },
  ),
  advisor_tool_result: result({
    advisor_tool_result_error: failed,
    advisor_result: object({ text, stop_reason: text }),
    advisor_redacted_result: object({ encrypted_content: text, stop_reason: text }),
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
    text_editor_code_execution_view_result: object({
      content: text,
      file_type: text,
      num_lines: text,
      start_line: text,
      total_lines: text,
    }),
    text_editor_code_execution_create_result: object({ is_file_update: text }),
    text_editor_code_execution_str_replace_result: object({
      lines: list(text),
      new_lines: text,
      new_start: text,
      old_lines: text,
      old_start: text,
    }),
  }),
  tool_search_tool_result: result({
    tool_search_tool_result_error: failedWithText,
    tool_search_tool_search_result: object({ tool_references: list(typed({ tool_reference: toolReference })) }),
  }),
  container_upload: block({ file_id: text }, opaque),
  compaction: block({
    content: text,
    encrypted_content: text,
    signature: text,
    tool_changes: list(typed(toolChanges)),
  }),
  ...toolChanges,
  mcp_tool_listing: object({ mcp_server_name: text, tools: list(toolParam) }),
  fallback: object({ from: modelName, to: modelName, trigger: json }),
});

/** Blocks of `system`. */
export const systemBlocks: Rule = list(typed({ text: textBlock }));
/** Blocks of a message whose role is `system`. */
export const systemMessageBlock = { text: textBlock, ...toolChanges };
