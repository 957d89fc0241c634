import { createHash } from 'node:crypto';
import type { PromptPart } from './tokens.ts';

/** How the tokens of a prompt divide. */
export interface PromptTokens {
  /** Neither read from nor written to the cache. */
  uncached: number;
  read: number;
  written5m: number;
  written1h: number;
}

const lifetimeMs = { '5m': 300_000, '1h': 3_600_000 };

/** The prompt cache: prefixes that end at a breakpoint, per model, for five minutes or an hour after their last use. */
export class PromptCache {
  readonly #prefixes = new Map<string, { expires: number; lifetimeMs: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Divides a prompt, and remembers its prefixes. */
  use(modelId: string, smallest: number, parts: PromptPart[]): PromptTokens {
    const total = parts.reduce((sum, part) => sum + part.tokens, 0);
    const breakpoints = prefixes(modelId, parts).filter((prefix) => prefix.tokens >= smallest);
    const hit = breakpoints.findLast((prefix) => this.#alive(prefix.key));
    const result = { uncached: total, read: hit?.tokens ?? 0, written5m: 0, written1h: 0 };
    let seen = result.read;
    for (const prefix of breakpoints) {
      if (prefix.tokens > seen) {
        result[prefix.ttl === '1h' ? 'written1h' : 'written5m'] += prefix.tokens - seen;
        seen = prefix.tokens;
        this.#prefixes.set(prefix.key, this.#fresh(lifetimeMs[prefix.ttl]));
      } else this.#refresh(prefix.key);
    }
    result.uncached = total - seen;
    return result;
  }

  #alive(key: string): boolean {
    const entry = this.#prefixes.get(key);
    if (entry && entry.expires <= this.#now()) this.#prefixes.delete(key);
    return this.#prefixes.has(key);
  }

  #refresh(key: string): void {
    const entry = this.#prefixes.get(key);
    if (entry) this.#prefixes.set(key, this.#fresh(entry.lifetimeMs));
  }

  #fresh(lifetime: number): { expires: number; lifetimeMs: number } {
    return { expires: this.#now() + lifetime, lifetimeMs: lifetime };
  }
}

function prefixes(modelId: string, parts: PromptPart[]) {
  const found: { key: string; tokens: number; ttl: '5m' | '1h' }[] = [];
  let key = modelId;
  let tokens = 0;
  for (const part of parts) {
    key = createHash('sha256').update(`${key}:${part.hash}`).digest('hex');
    tokens += part.tokens;
    if (part.cache) found.push({ key, tokens, ttl: part.cache });
  }
  return found;
}
