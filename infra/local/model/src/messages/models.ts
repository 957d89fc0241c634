/** What the stand-in knows about a model: what it takes, what it refuses, how it counts. */
export interface ModelFacts {
  id: string;
  /** Tokens. */
  contextWindow: number;
  maxOutput: number;
  /** ISO date (UTC). */
  released: string;
  /** The `thinking.type` values that the model takes. */
  thinking: readonly ThinkingKind[];
  /** Whether it thinks when the request says nothing about thinking. */
  thinksByDefault: boolean;
  /** May the last message be the assistant's? */
  prefill: boolean;
  /** Does it take `tool_choice` `any` and `tool`? */
  forcedTools: boolean;
  /** Does it take `inference_geo`? */
  geography: boolean;
  /** Does it take sampling parameters, where the version of the API still has them? */
  sampling: boolean;
  /** `speed: 'fast'`: taken, taken with a beta header, run and billed as standard, or refused. */
  fast: 'always' | 'beta' | 'ignored' | 'never';
  /** Most images of one request. */
  mostImages: number;
  /** Web search with dynamic filtering (`web_search_20260209` and later). */
  filteredSearch: boolean;
  /** Tokens of the smallest prefix that is cached; a shorter one is silently not cached. */
  smallestCachePrefix: number;
  /** Tokens of the system prompt that the first tool brings. */
  toolPrompt: number;
  /** UTF-8 bytes of text per token; newer tokenizers cut finer. */
  bytesPerToken: number;
  /** Longest edge in pixels and most tokens of an image; a larger one is scaled down. */
  imageEdge: number;
  imageTokens: number;
}

export type ThinkingKind = 'adaptive' | 'between_tools' | 'disabled' | 'enabled';

type Row = Pick<ModelFacts, 'id' | 'released' | 'thinking' | 'thinksByDefault' | 'toolPrompt'> & Partial<ModelFacts>;

/** The line from 4.7 on, which most rows differ little from. */
const modern = {
  contextWindow: 1_000_000,
  maxOutput: 128_000,
  prefill: false,
  forcedTools: true,
  geography: true,
  sampling: false,
  fast: 'never',
  mostImages: 600,
  filteredSearch: true,
  smallestCachePrefix: 1_024,
  bytesPerToken: 3,
  imageEdge: 2_576,
  imageTokens: 4_784,
} as const;
const before47 = { sampling: true, bytesPerToken: 4, imageEdge: 1_568, imageTokens: 1_568 };
const line45 = {
  ...before47,
  contextWindow: 200_000,
  maxOutput: 64_000,
  mostImages: 100,
  prefill: true,
  geography: false,
  filteredSearch: false,
  thinking: ['enabled', 'disabled'],
  thinksByDefault: false,
  toolPrompt: 496,
} as const;

const always = { thinking: ['adaptive'], thinksByDefault: true } as const;
const adaptive = { thinking: ['adaptive', 'disabled'], thinksByDefault: true } as const;
const onDemand = { thinking: ['adaptive', 'disabled'], thinksByDefault: false } as const;
const line46 = { ...before47, thinking: ['adaptive', 'enabled', 'disabled'], thinksByDefault: false } as const;
/** Where no figure of the tool prompt is published, that of the nearest model of the same age. */
const NEAREST = 290;

const rows: Row[] = [
  {
    id: 'claude-fable-5-2',
    released: '2026-11-09',
    ...always,
    toolPrompt: NEAREST,
    forcedTools: false,
    fast: 'beta',
  },
  { id: 'claude-mythos-5-2', released: '2026-11-09', ...always, toolPrompt: NEAREST, forcedTools: false },
  { id: 'claude-haiku-5-5', released: '2026-10-07', ...adaptive, toolPrompt: NEAREST },
  {
    id: 'claude-sonnet-5-5',
    released: '2026-09-28',
    thinking: ['adaptive', 'between_tools'],
    thinksByDefault: true,
    toolPrompt: NEAREST,
    forcedTools: false,
  },
  { id: 'claude-opus-5-5', released: '2026-09-22', ...always, toolPrompt: 286, forcedTools: false, fast: 'always' },
  { id: 'claude-fable-5-1', released: '2026-09-01', ...always, toolPrompt: NEAREST, forcedTools: false },
  { id: 'claude-mythos-5-1', released: '2026-09-01', ...always, toolPrompt: NEAREST, forcedTools: false },
  { id: 'claude-opus-5', released: '2026-07-24', ...adaptive, toolPrompt: 286, smallestCachePrefix: 512, fast: 'beta' },
  { id: 'claude-sonnet-5', released: '2026-06-30', ...adaptive, toolPrompt: 354 },
  { id: 'claude-fable-5', released: '2026-06-09', ...always, toolPrompt: NEAREST, smallestCachePrefix: 512 },
  { id: 'claude-mythos-5', released: '2026-06-09', ...always, toolPrompt: NEAREST, smallestCachePrefix: 512 },
  { id: 'claude-opus-4-8', released: '2026-05-28', ...onDemand, toolPrompt: 290, fast: 'beta' },
  { id: 'claude-opus-4-7', released: '2026-04-16', ...onDemand, toolPrompt: 675, smallestCachePrefix: 2_048 },
  {
    id: 'claude-opus-4-6',
    released: '2026-02-05',
    ...line46,
    toolPrompt: 497,
    smallestCachePrefix: 4_096,
    fast: 'ignored',
  },
  { id: 'claude-sonnet-4-6', released: '2026-02-17', ...line46, toolPrompt: 497 },
  { id: 'claude-haiku-4-5-20251001', released: '2025-10-15', ...line45, smallestCachePrefix: 4_096 },
  { id: 'claude-opus-4-5-20251101', released: '2025-11-24', ...line45, smallestCachePrefix: 4_096 },
  { id: 'claude-sonnet-4-5-20250929', released: '2025-09-29', ...line45 },
];

/** Short names of the 4.5 models; later ids have no alias. */
const aliases: Record<string, string> = {
  'claude-haiku-4-5': 'claude-haiku-4-5-20251001',
  'claude-opus-4-5': 'claude-opus-4-5-20251101',
  'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929',
};

const models = new Map(rows.map((row) => [row.id, { ...modern, ...row }]));

/** All that are served, the newest first. */
export const servedModels = (): ModelFacts[] =>
  [...models.values()].sort((a, b) => b.released.localeCompare(a.released));

/** The facts of a model by id or alias; undefined for a retired or unknown one. */
export const findModel = (id: string): ModelFacts | undefined => models.get(aliases[id] ?? id);
