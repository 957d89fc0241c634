import type { RequestShape } from '../../model/request/request-shape.ts';
import { pricedModel } from '../../pricing/price-book.ts';

/**
 * Tools that the provider runs and whose results a stream shows, by how their types begin. An advisor is not one: what it
 * reads and writes is seen at the end only.
 */
const families = ['web_search', 'web_fetch', 'code_execution', 'tool_search', 'mcp'] as const;

/**
 * The kind of a call with server tools, such as `claude-sonnet-5-5:web_search`: what such calls cost is remembered by it. There
 * are as many as models with a price times sets of families. Undefined where nothing can be learned of one of the tools.
 */
export function callKind({ model, serverTools }: RequestShape): string | undefined {
  const used = serverTools.map((type) => families.find((family) => type.startsWith(family)));
  if (used.length === 0 || used.includes(undefined)) return undefined;
  return `${pricedModel(model) ?? 'other'}:${[...new Set(used)].sort().join('+')}`;
}
