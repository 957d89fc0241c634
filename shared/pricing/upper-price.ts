import { findFee, findPrices } from './price-book.ts';
import type { Modifier, PriceRow, Prices, Surcharge } from './price-row.ts';
import { modifierFactor } from './price-units.ts';

/** Ceilings in pico-USD (10⁻¹² USD) for one token, and for one web search. */
export interface UpperPrice {
  /** Whatever way a prompt token may be paid: plain, written to a cache, read from it. */
  input: bigint;
  output: bigint;
  /** Of a token of sound; null where it has no known price. */
  audioInput: bigint | null;
  audioOutput: bigint | null;
  /** 0 where the provider's searches have no price in the book. */
  webSearch: bigint;
}

export interface UpperPriceOptions {
  /** No more prompt tokens than this, for certain: chooses the band. Absent: the dearest band. */
  promptTokensAtMost?: number;
  /** Longest cache that the request asks for; absent: 5 m, since server tools write such caches unasked. */
  cache?: '5m' | '1h';
  /** True for fast mode. */
  fast?: boolean;
  /** False where the workspace is known to run outside the US zone; else its surcharge is counted in, since a workspace may default to it. */
  us?: boolean;
  /** What the endpoint of the call adds; then the US zone adds nothing. Without a known price there is no ceiling. */
  surcharge?: Surcharge | undefined;
  /** True for a request in a batch. A model without a price for batches is bound by its usual one. */
  batch?: boolean;
}

/** The dearest that a call can be priced at; null where the model or fast mode with it has no known price. */
export function upperPrice(model: string, atMs: number, options: UpperPriceOptions = {}): UpperPrice | null {
  const row = findPrices(model, atMs);
  if (!row) return null;
  const { promptTokensAtMost = Infinity, cache = '5m', fast = false, us = true, surcharge, batch = false } = options;
  const isAbove = row.above !== undefined && promptTokensAtMost > row.above.promptTokens;
  const known = ceilings.get(row) ?? new Map<string, UpperPrice | null>();
  ceilings.set(row, known);
  const key = `${isAbove} ${cache} ${fast} ${surcharge ?? us} ${batch}`;
  const price = known.get(key) ?? ceilingOf(row, isAbove, cache, applied(row, { fast, us, surcharge, batch }));
  known.set(key, price);
  return price;
}

/** A row's ceilings by what they depend on: each call asks for one before it is made. */
const ceilings = new Map<PriceRow, Map<string, UpperPrice | null>>();

function ceilingOf(row: PriceRow, isAbove: boolean, cache: '5m' | '1h', modifiers: Modifier[]): UpperPrice | null {
  const factor = modifierFactor(row, modifiers);
  if (!factor) return null;
  const bands = [row.prices, ...(isAbove && row.above ? [row.above.prices] : [])];
  const input = bands.map((prices) => dearestInput(prices, cache));
  const output = bands.map((prices) => prices.output);
  if (input.includes(null) || output.includes(null)) return null;
  const ofSound = (kind: 'audioInput' | 'audioOutput'): bigint | null => {
    const prices = bands.map((band) => band[kind]);
    return prices.includes(null) ? null : ceiling(prices, factor);
  };
  return {
    input: ceiling(input, factor),
    output: ceiling(output, factor),
    audioInput: ofSound('audioInput'),
    audioOutput: ofSound('audioOutput'),
    webSearch: findFee(row.provider, 'web_search_request') ?? 0n,
  };
}

/** What of a call its ceiling is made of. */
export interface BoundedCall {
  model: string;
  atMs: number;
  promptTokens: number;
  outputTokens: number;
  webSearches?: number;
  /** The part of the prompt that may be sound. */
  soundTokens?: number;
  /** True where the answer may be sound. */
  speaks?: boolean;
}

/** The ceiling of a call in nano-USD, rounded up once; null as in `upperPrice`, and for sound without a known price. */
export function boundNanoUsd(
  call: BoundedCall,
  options: Omit<UpperPriceOptions, 'promptTokensAtMost'> = {},
): bigint | null {
  const price = upperPrice(call.model, call.atMs, { ...options, promptTokensAtMost: call.promptTokens });
  if (!price) return null;
  const { soundTokens = 0, speaks = false } = call;
  const heard = soundTokens > 0 ? price.audioInput : price.input;
  const spoken = speaks ? price.audioOutput : price.output;
  if (heard === null || spoken === null) return null;
  const pico =
    BigInt(call.promptTokens) * price.input +
    BigInt(soundTokens) * larger(heard - price.input, 0n) +
    BigInt(call.outputTokens) * larger(spoken, price.output) +
    BigInt(call.webSearches ?? 0) * price.webSearch;
  return (pico + 999n) / 1_000n;
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function applied(
  { modifiers }: PriceRow,
  { fast, us, surcharge, batch }: Required<Pick<UpperPriceOptions, 'fast' | 'us' | 'surcharge' | 'batch'>>,
): Modifier[] {
  const applied: Modifier[] = [];
  if (fast) applied.push('fast');
  if (surcharge !== undefined) applied.push(surcharge);
  else if (us && modifiers.us !== undefined) applied.push('us');
  if (batch && modifiers.batch !== undefined) applied.push('batch');
  return applied;
}

function dearestInput(prices: Prices, cache: '5m' | '1h'): bigint | null {
  const kinds = [prices.cacheRead, prices.cacheWrite, ...(cache === '1h' ? [prices.cacheWrite1h] : [])];
  if (prices.input === null) return null;
  return kinds.reduce<bigint>((most, price) => (price !== null && price > most ? price : most), prices.input);
}

const ceiling = (prices: (bigint | null)[], factor: bigint): bigint =>
  (prices.reduce<bigint>((most, price) => (price !== null && price > most ? price : most), 0n) * factor + 9_999n) /
  10_000n;
