import { cacheControl } from './cache-rule.ts';
import { json, list, object, type Rule, text, typed } from './rules.ts';

/** Where a tool runs: each turn after one that the provider runs reads the grown prompt again. */
type RunsAt = 'client' | 'provider';

const common = {
  name: text,
  allowed_callers: list(text),
  cache_control: cacheControl,
  defer_loading: text,
  strict: text,
};
const examples = { input_examples: json };

const search = {
  allowed_domains: list(text),
  blocked_domains: list(text),
  max_uses: text,
  user_location: object({ type: text, city: text, country: text, region: text, timezone: text }),
};
const toolName = typed({ tool_reference: object({ name: text }) });
const allOrNone = { all: object({}), none: object({}) };
const urls = typed({
  ...allOrNone,
  only: object({ tools: list(toolName) }),
  except: object({ tools: list(toolName) }),
});
const fetching = {
  allowed_domains: list(text),
  blocked_domains: list(text),
  citations: object({ enabled: text }),
  max_content_tokens: text,
  max_uses: text,
  url_sources: object({ client_tool_results: urls, server_tool_results: urls, user_input: typed(allOrNone) }),
};
const excluding = { response_inclusion: text };
const caching = { use_cache: text };
const screen = { display_height_px: text, display_width_px: text, display_number: text };
const configs = (...names: string[]): Rule =>
  object(Object.fromEntries(names.map((name) => [name, object({ enabled: text, defer_loading: text })])));

const pointer = [
  'double_click',
  'hold_key',
  'key',
  'left_click',
  'left_click_drag',
  'left_mouse_down',
  'left_mouse_up',
  'middle_click',
  'mouse_move',
  'right_click',
  'screenshot',
  'scroll',
  'triple_click',
  'type',
  'wait',
  'zoom',
];
const pages = [
  'close_tab',
  'file_upload',
  'find',
  'form_input',
  'get_page_text',
  'hover',
  'javascript_exec',
  'list_tabs',
  'navigate',
  'new_tab',
  'read_console',
  'read_network',
  'read_page',
  'scroll_to',
  'switch_tab',
];

/** A tool of an MCP server as the server lists it. */
export const toolParam: Rule = object({ input_schema: json, name: text, description: text });

/** Every type of tool: its members, and where it runs. */
const tools: Record<string, [RunsAt, Record<string, Rule>]> = {
  custom: ['client', { ...common, ...examples, input_schema: json, description: text, eager_input_streaming: text }],
  bash_20241022: ['client', { ...common, ...examples }],
  bash_20250124: ['client', { ...common, ...examples }],
  text_editor_20241022: ['client', { ...common, ...examples }],
  text_editor_20250124: ['client', { ...common, ...examples }],
  text_editor_20250429: ['client', { ...common, ...examples }],
  text_editor_20250728: ['client', { ...common, ...examples, max_characters: text }],
  computer_20241022: ['client', { ...common, ...examples, ...screen }],
  computer_20250124: ['client', { ...common, ...examples, ...screen }],
  computer_20251124: ['client', { ...common, ...examples, ...screen, enable_zoom: text }],
  memory_20250818: ['client', { ...common, ...examples }],
  browser_toolset_20260801: ['client', { cache_control: cacheControl, configs: configs(...pointer, ...pages) }],
  computer_toolset_20260801: [
    'client',
    { cache_control: cacheControl, configs: configs(...pointer, 'cursor_position') },
  ],
  web_search_20250305: ['provider', { ...common, ...search }],
  web_search_20260209: ['provider', { ...common, ...search }],
  web_search_20260318: ['provider', { ...common, ...search, ...excluding }],
  web_fetch_20250910: ['provider', { ...common, ...fetching }],
  web_fetch_20260209: ['provider', { ...common, ...fetching }],
  web_fetch_20260309: ['provider', { ...common, ...fetching, ...caching }],
  web_fetch_20260318: ['provider', { ...common, ...fetching, ...caching, ...excluding }],
  code_execution_20250522: ['provider', common],
  code_execution_20250825: ['provider', common],
  code_execution_20260120: ['provider', common],
  code_execution_20260521: ['provider', common],
  tool_search_tool_bm25: ['provider', common],
  tool_search_tool_bm25_20251119: ['provider', common],
  tool_search_tool_regex: ['provider', common],
  tool_search_tool_regex_20251119: ['provider', common],
  advisor_20260301: ['provider', { ...common, caching: cacheControl, max_tokens: text, max_uses: text, model: text }],
  mcp_toolset: [
    'provider',
    {
      cache_control: cacheControl,
      configs: { values: object({ defer_loading: text, enabled: text }) },
      default_config: object({ defer_loading: text, enabled: text }),
      mcp_server_name: text,
      tools: list(toolParam),
    },
  ],
};

const note: Rule['note'] = (tool, found) => {
  found.tools.push(tool);
};

const rules = typed(
  Object.fromEntries(Object.entries(tools).map(([type, [, members]]) => [type, object(members, note)])),
);

/** A definition of a tool, whose `type` may be absent. */
export const toolRules: Rule = { types: { ...rules.types, '': rules.types?.['custom'] ?? {} } };

/** False for tools that the client runs. A type without a rule is taken to run at the provider. */
export function runsAtProvider(type: string): boolean {
  return !Object.hasOwn(tools, type) || tools[type]?.[0] === 'provider';
}
