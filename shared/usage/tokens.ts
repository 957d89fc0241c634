/** Sums over units that are tokens. Those of the cache are part of the input. */
export interface Tokens {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

/** Unit names and amounts of one call. */
export type CallUnits = [string, { input?: number | undefined; output?: number | undefined }][];

/** Units that are not tokens. */
const others = new Set(['web_search_request', 'character']);

export const isToken = (unit: string): boolean => !others.has(unit);

export function tokensOf(units: ReadonlyMap<string, { input: number; output: number }>): Tokens {
  const tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  for (const [name, { input, output }] of units) {
    if (!isToken(name)) continue;
    tokens.input += input;
    tokens.output += output;
    if (name.endsWith('_cache_read')) tokens.cacheRead += input;
    if (name.includes('_cache_write')) tokens.cacheWrite += input;
  }
  return tokens;
}
