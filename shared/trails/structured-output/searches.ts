import type Anthropic from '@anthropic-ai/sdk';

/** What the web searches of an answer brought. */
export interface Searches {
  /** Searches that were answered, also with nothing. */
  answered: number;
  /** Codes of those that failed. */
  errors: string[];
  /** Addresses of all results and citations, normalised. */
  urls: Set<string>;
}

export function searchesOf(blocks: Anthropic.ContentBlock[]): Searches {
  const searches: Searches = { answered: 0, errors: [], urls: new Set() };
  const add = (url: unknown): void => {
    const normal = normalUrl(url);
    if (normal) searches.urls.add(normal);
  };
  for (const block of blocks) {
    if (block.type === 'text') for (const citation of block.citations ?? []) if ('url' in citation) add(citation.url);
    if (block.type !== 'web_search_tool_result') continue;
    if (Array.isArray(block.content)) {
      searches.answered += 1;
      for (const result of block.content) add(result.url);
    } else searches.errors.push(block.content.error_code);
  }
  return searches;
}

/** An address as the model gave it, if the searches returned it: else it may be invented, or a script. */
export const knownUrl = (url: string | undefined, searches: Searches): string | undefined => {
  const normal = normalUrl(url);
  return normal && searches.urls.has(normal) ? url : undefined;
};

/** http and https only; case of the host, a fragment and a slash at the end make no difference. */
function normalUrl(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  const { protocol, host, pathname, search, username, password } = new URL(url);
  if (!/^https?:$/.test(protocol) || username || password) return undefined;
  return `${host}${pathname.replace(/\/+$/, '')}${search}`;
}
