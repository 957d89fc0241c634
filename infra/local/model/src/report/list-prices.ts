/** pico-USD (10⁻¹² USD) of a token. */
export interface ListPrices {
  uncached_input_tokens: number;
  output_tokens: number;
  'cache_creation.ephemeral_5m_input_tokens': number;
  'cache_creation.ephemeral_1h_input_tokens': number;
  cache_read_input_tokens: number;
}
export type TokenType = keyof ListPrices;
export const tokenTypes: readonly TokenType[] = [
  'uncached_input_tokens',
  'output_tokens',
  'cache_creation.ephemeral_5m_input_tokens',
  'cache_creation.ephemeral_1h_input_tokens',
  'cache_read_input_tokens',
];

/** pico-USD of a web search. */
export const SEARCH_PRICE = 10_000_000_000;

const PICO_PER_USD_PER_MILLION = 1_000_000;

/** USD per million tokens: input, output, written for 5 minutes and 1 hour, read. The provider's own list, so that it checks the app's. */
const rows: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  'claude-fable-5-2': [8, 40, 10, 16, 0.2],
  'claude-mythos-5-2': [8, 40, 10, 16, 0.2],
  'claude-fable-5-1': [10, 50, 12.5, 20, 0.25],
  'claude-mythos-5-1': [10, 50, 12.5, 20, 0.25],
  'claude-fable-5': [10, 50, 12.5, 20, 1],
  'claude-mythos-5': [10, 50, 12.5, 20, 1],
  'claude-opus-5-5': [4, 20, 5, 8, 0.2],
  'claude-opus-5': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-8': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-7': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-6': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-5-20251101': [5, 25, 6.25, 10, 0.5],
  'claude-sonnet-5-5': [2, 10, 2.5, 4, 0.1],
  'claude-sonnet-5': [2, 10, 2.5, 4, 0.2],
  'claude-sonnet-4-6': [3, 15, 3.75, 6, 0.3],
  'claude-sonnet-4-5-20250929': [3, 15, 3.75, 6, 0.3],
  'claude-haiku-5-5': [0.1, 0.5, 0.125, 0.2, 0.01],
  'claude-haiku-4-5-20251001': [1, 5, 1.25, 2, 0.1],
};

/** Prices of a whole request whose prompt has more tokens. */
const largePrompts: Readonly<Record<string, { above: number; factor: number }>> = {
  'claude-haiku-5-5': { above: 100_000, factor: 5 },
};

/** By what is billed: a request in fast mode, in the US alone, in a batch. */
const factors: Readonly<Record<string, number>> = { fast: 2, us: 1.1, batch: 0.5 };

/** Undefined for a model that is not on the list. @param modes of `factors` */
export function listPrices(model: string, promptTokens: number, modes: readonly string[]): ListPrices | undefined {
  const row = rows[model];
  if (!row) return undefined;
  const large = largePrompts[model];
  const factor =
    modes.reduce((product, mode) => product * (factors[mode] ?? 1), 1) *
    (large && promptTokens > large.above ? large.factor : 1);
  const pico = row.map((usd) => Math.round(usd * PICO_PER_USD_PER_MILLION * factor));
  return Object.fromEntries(tokenTypes.map((type, place) => [type, pico[place]])) as unknown as ListPrices;
}
