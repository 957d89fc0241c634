import { cacheControl } from './cache-rule.ts';
import { jsonRule, listRule, objectRule, type Rule, textRule, typedRule } from './rules.ts';

/** Where a tool runs: each turn after one that the provider runs reads the grown prompt again. */
type RunsAt = 'client' | 'provider';

const common = {
  name: textRule,
  allowed_callers: listRule(textRule),
  cache_control: cacheControl,
  defer_loading: textRule,
  strict: textRule,
};
const examples = { input_examples: jsonRule };

const search = {
  allowed_domains: listRule(textRule),
  blocked_domains: listRule(textRule),
  max_uses: textRule,
  user_location: objectRule({
    type: textRule,
    city: textRule,
    country: textRule,
    region: textRule,
    timezone: textRule,
  }),
};
const toolName = typedRule({ tool_reference: objectRule({ name: textRule }) });
const allOrNone = { all: objectRule({}), none: objectRule({}) };
const urls = typedRule({
  ...allOrNone,
  only: objectRule({ tools: listRule(toolName) }),
  except: objectRule({ tools: listRule(toolName) }),
});
const fetching = {
  allowed_domains: listRule(textRule),
  blocked_domains: listRule(textRule),
  citations: objectRule({ enabled: textRule }),
  max_content_tokens: textRule,
  max_uses: textRule,
  url_sources: objectRule({ client_tool_results: urls, server_tool_results: urls, user_input: typedRule(allOrNone) }),
};
const excluding = { response_inclusion: textRule };
const caching = { use_cache: textRule };
const screen = { display_height_px: textRule, display_width_px: textRule, display_number: textRule };
const configs = (...names: string[]): Rule =>
  objectRule(
    Object.fromEntries(names.map((name) => [name, objectRule({ enabled: textRule, defer_loading: textRule })])),
  );

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
export const toolParam: Rule = objectRule({ input_schema: jsonRule, name: textRule, description: textRule });

/** Every type of tool: its members, and where it runs. */
const tools: Record<string, [RunsAt, Record<string, Rule>]> = {
  custom: [
    'client',
    { ...common, ...examples, input_schema: jsonRule, description: textRule, eager_input_streaming: textRule },
  ],
  bash_20241022: ['client', { ...common, ...examples }],
  bash_20250124: ['client', { ...common, ...examples }],
  text_editor_20241022: ['client', { ...common, ...examples }],
  text_editor_20250124: ['client', { ...common, ...examples }],
  text_editor_20250429: ['client', { ...common, ...examples }],
  text_editor_20250728: ['client', { ...common, ...examples, max_characters: textRule }],
  computer_20241022: ['client', { ...common, ...examples, ...screen }],
  computer_20250124: ['client', { ...common, ...examples, ...screen }],
  computer_20251124: ['client', { ...common, ...examples, ...screen, enable_zoom: textRule }],
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
  advisor_20260301: [
    'provider',
    { ...common, caching: cacheControl, max_tokens: textRule, max_uses: textRule, model: textRule },
  ],
  mcp_toolset: [
    'provider',
    {
      cache_control: cacheControl,
      configs: { values: objectRule({ defer_loading: textRule, enabled: textRule }) },
      default_config: objectRule({ defer_loading: textRule, enabled: textRule }),
      mcp_server_name: textRule,
      tools: listRule(toolParam),
    },
  ],
};

const note: Rule['note'] = (tool, found) => {
  found.tools.push(tool);
};

const rules = typedRule(
  Object.fromEntries(Object.entries(tools).map(([type, [, members]]) => [type, objectRule(members, note)])),
);

/** A definition of a tool, whose `type` may be absent. */
export const toolRules: Rule = { types: { ...rules.types, '': rules.types?.['custom'] ?? {} } };

/** False for tools that the client runs. A type without a rule is taken to run at the provider. */
export function runsAtProvider(type: string): boolean {
  return !Object.hasOwn(tools, type) || tools[type]?.[0] === 'provider';
}
