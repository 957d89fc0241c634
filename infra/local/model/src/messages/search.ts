import type Anthropic from '@anthropic-ai/sdk';
import { findHits, type Scene } from '../answers/scene.ts';
import { idFrom, opaque } from '../random.ts';
import type { Outcome } from '../script.ts';
import { type MessageRequest, searchesDirectly, searchTool } from './request.ts';
import { searchedByCode } from './search-by-code.ts';

/** What the searches of a call come to. */
export interface Searches {
  blocks: Anthropic.ContentBlock[];
  /** Searches that are billed. */
  billed: number;
  /** Tokens that each search's results add to the prompt of the turns after it. */
  resultTokens: number[];
}

const caller = { type: 'direct' } as const;

/** Searches the web as the request's tool allows; `scene.hits` then has what was found. None without the tool. */
export function runSearches(request: MessageRequest, scene: Scene, outcome: Outcome, key: string): Searches {
  const tool = searchTool(request);
  const result: Searches = { blocks: [], billed: 0, resultTokens: [] };
  if (!tool) return result;
  const allowed = typeof tool['max_uses'] === 'number' ? tool['max_uses'] : 10;
  const count = outcome.searches ?? Math.min(allowed, 2 + scene.random.below(2));
  const found = count > 0 && !outcome.webSearchError ? findHits(scene).filter((hit) => permitted(hit.url, tool)) : [];
  for (let index = 0; index < count; index += 1) {
    const id = idFrom('srvtoolu', `${key}:${index}`);
    const input = { query: queries[index % queries.length]?.(scene.place.name) ?? scene.place.name };
    result.blocks.push({ type: 'server_tool_use', id, name: 'web_search', input, caller });
    const failed = outcome.webSearchError ?? (index >= allowed ? 'max_uses_exceeded' : undefined);
    if (failed) {
      const content = { type: 'web_search_tool_result_error', error_code: failed } as const;
      result.blocks.push({ type: 'web_search_tool_result', tool_use_id: id, caller, content });
      result.resultTokens.push(30);
      continue;
    }
    const hits = found.filter((_, place) => place % count === index || index === 0);
    const content = hits.map((hit) => ({
      type: 'web_search_result' as const,
      url: hit.url,
      title: hit.title,
      page_age: 'May 12, 2026',
      encrypted_content: opaque(`${key}:${hit.url}`, 96),
    }));
    result.blocks.push({ type: 'web_search_tool_result', tool_use_id: id, caller, content });
    result.billed += 1;
    result.resultTokens.push(60 + hits.length * (1_400 + scene.random.below(1_200)));
  }
  scene.hits = found;
  if (count > 0 && !searchesDirectly(tool)) {
    result.blocks = searchedByCode(result.blocks, key, tool['response_inclusion'] !== 'excluded');
  }
  return result;
}

const queries: readonly ((place: string) => string)[] = [
  (place) => `best off-road trails near ${place}`,
  (place) => `${place} 4x4 trail conditions permits`,
  (place) => `${place} overland forum trip report`,
];

/** Does the tool's list of domains let this page through? */
function permitted(url: string, tool: Record<string, unknown>): boolean {
  const page = new URL(url);
  const covers = (domain: unknown): boolean =>
    typeof domain === 'string' && (page.host === domain || page.host.endsWith(`.${domain}`));
  const allowed = Array.isArray(tool['allowed_domains']) ? tool['allowed_domains'] : undefined;
  const blocked = Array.isArray(tool['blocked_domains']) ? tool['blocked_domains'] : [];
  return (allowed?.some(covers) ?? true) && !blocked.some(covers);
}

/** The text of a finder's answer in blocks, each recommendation with the page that it was found on. */
export function citedBlocks(text: string, value: unknown, scene: Scene, key: string): Anthropic.TextBlock[] {
  const recommendations = (value as { recommendations?: unknown[] } | undefined)?.recommendations ?? [];
  const blocks: Anthropic.TextBlock[] = [];
  let at = 0;
  for (const recommendation of recommendations) {
    const piece = JSON.stringify(recommendation);
    const start = text.indexOf(piece, at);
    const hit = scene.hits.find((page) => page.url === (recommendation as { sourceUrl?: unknown }).sourceUrl);
    if (start < 0 || !hit) continue;
    if (start > at) blocks.push({ type: 'text', text: text.slice(at, start), citations: null });
    const citation: Anthropic.CitationsWebSearchResultLocation = {
      type: 'web_search_result_location',
      url: hit.url,
      title: hit.title,
      cited_text: `${hit.trail.name} is a ${hit.trail.miles}-mile route near ${scene.place.name}.`.slice(0, 150),
      encrypted_index: opaque(`${key}:index:${hit.url}`, 48),
    };
    blocks.push({ type: 'text', text: piece, citations: [citation] });
    at = start + piece.length;
  }
  if (at < text.length) blocks.push({ type: 'text', text: text.slice(at), citations: null });
  return blocks;
}
