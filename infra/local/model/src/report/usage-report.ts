import { createHash } from 'node:crypto';
import type { BillLine } from '../billing/bill.ts';
import type { ModelCall } from '../calls.ts';
import { listPrices, SEARCH_PRICE, type TokenType, tokenTypes } from './list-prices.ts';

/** The dimensions that a report can be grouped by. */
export const dimensions = ['model', 'service_tier', 'speed', 'inference_geo', 'api_key_id'] as const;
export type Dimension = (typeof dimensions)[number];
export type Group = Record<Dimension, string | null>;

/** What the calls of an hour with the same dimensions used and cost; costs are pico-USD by list prices. */
export interface ReportSums {
  requests: number;
  tokens: Record<TokenType, number>;
  tokenCost: number;
  searches: number;
  searchCost: number;
}

interface Hour {
  hourMs: number;
  group: Group;
  sums: ReportSums;
}

const HOUR_MS = 3_600_000;

/** The usage that the stand-in billed, by hour: counted from its own answers, so that a program's books are compared with true figures. */
export class UsageReport {
  readonly #hours = new Map<string, Hour>();

  /** Counts an answer of the Messages API, and what is billed besides it, each for its model; any other call is not in the report. */
  note({ path, at, model, usage, bill = [], headers }: ModelCall): void {
    if (!usage || !model || !/^\/v1\/messages(\/batches)?$/.test(path)) return;
    const groupOf = (name: string): Group => ({
      model: name,
      service_tier: textOf(usage['service_tier']),
      speed: textOf(usage['speed']),
      inference_geo: textOf(usage['inference_geo']),
      api_key_id: apiKeyId(keySent(headers)),
    });
    const searches = countOf((Object(usage['server_tool_use']) as Record<string, unknown>)['web_search_requests']);
    this.#add(at, groupOf(model), { tokens: answerTokens(usage), searches, requests: 1 });
    for (const line of bill)
      if (line.for !== 'answer')
        this.#add(at, groupOf(line.model), { tokens: lineTokens(line), searches: 0, requests: 0 });
  }

  #add(at: number, group: Group, used: Used): void {
    const hourMs = Math.floor(at / HOUR_MS) * HOUR_MS;
    const key = JSON.stringify([hourMs, group]);
    const hour = this.#hours.get(key) ?? { hourMs, group, sums: noSums() };
    this.#hours.set(key, hour);
    add(hour.sums, sumsOf(group, used));
  }

  /** The sums of the hours from one time on and before the other (ms, UTC), by the values of some dimensions. */
  between(fromMs: number, beforeMs: number, by: readonly Dimension[], keys: readonly string[]): [Group, ReportSums][] {
    const found = new Map<string, [Group, ReportSums]>();
    for (const { hourMs, group, sums } of this.#hours.values()) {
      if (hourMs < fromMs || hourMs >= beforeMs) continue;
      if (keys.length > 0 && !keys.includes(group.api_key_id ?? '')) continue;
      const shown = Object.fromEntries(
        dimensions.map((name) => [name, by.includes(name) ? group[name] : null]),
      ) as Group;
      const key = JSON.stringify(shown);
      const [, sum] = found.get(key) ?? [shown, noSums()];
      add(sum, sums);
      found.set(key, [shown, sum]);
    }
    return [...found.values()];
  }

  clear(): void {
    this.#hours.clear();
  }
}

/** The id under which the report knows a key. */
export const apiKeyId = (key: string): string =>
  `apikey_${createHash('sha256').update(key).digest('base64url').slice(0, 24)}`;

const noSums = (): ReportSums => ({
  requests: 0,
  tokens: Object.fromEntries(tokenTypes.map((type) => [type, 0])) as Record<TokenType, number>,
  tokenCost: 0,
  searches: 0,
  searchCost: 0,
});

function add(sum: ReportSums, more: ReportSums): void {
  for (const type of tokenTypes) sum.tokens[type] += more.tokens[type];
  for (const name of ['requests', 'tokenCost', 'searches', 'searchCost'] as const) sum[name] += more[name];
}

type Tokens = ReportSums['tokens'];
/** What one model was used for in a call. */
type Used = Pick<ReportSums, 'tokens' | 'searches' | 'requests'>;

function answerTokens(usage: Record<string, unknown>): Tokens {
  const split = Object(usage['cache_creation']) as Record<string, unknown>;
  return {
    uncached_input_tokens: countOf(usage['input_tokens']),
    output_tokens: countOf(usage['output_tokens']),
    'cache_creation.ephemeral_5m_input_tokens': countOf(split['ephemeral_5m_input_tokens']),
    'cache_creation.ephemeral_1h_input_tokens': countOf(split['ephemeral_1h_input_tokens']),
    cache_read_input_tokens: countOf(usage['cache_read_input_tokens']),
  };
}

const lineTokens = ({ input, output, cacheWrite, cacheWrite1h, cacheRead }: BillLine): Tokens => ({
  uncached_input_tokens: input,
  output_tokens: output,
  'cache_creation.ephemeral_5m_input_tokens': cacheWrite - cacheWrite1h,
  'cache_creation.ephemeral_1h_input_tokens': cacheWrite1h,
  cache_read_input_tokens: cacheRead,
});

function sumsOf(
  { model, speed, inference_geo, service_tier }: Group,
  { tokens, searches, requests }: Used,
): ReportSums {
  const prompt = tokenTypes.reduce((sum, type) => sum + (type === 'output_tokens' ? 0 : tokens[type]), 0);
  const modes = [speed, inference_geo, service_tier].flatMap((mode) => mode ?? []);
  const prices = listPrices(model ?? '', prompt, modes);
  return {
    requests,
    tokens,
    tokenCost: prices ? tokenTypes.reduce((sum, type) => sum + tokens[type] * prices[type], 0) : 0,
    searches,
    searchCost: searches * SEARCH_PRICE,
  };
}

const countOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The key of a request, as newer and older clients send it; '' for none. */
export const keySent = (headers: ModelCall['headers']): string =>
  String(headers['x-api-key'] ?? headers['authorization'] ?? '').replace(/^Bearer /i, '');
