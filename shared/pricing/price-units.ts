import type { Units } from '../usage-event.ts';
import { findFee, findPrices, type Modifier, type PriceRow, type Prices } from './price-book.ts';

export interface PriceRequest {
  /** The model that really answered. */
  model: string;
  units: Units;
  /** When the call was made: ms, UTC. */
  atMs: number;
  modifiers?: readonly Modifier[];
}

/** One line of a bill. All amounts are whole numbers. */
export interface PriceLine {
  unit: string;
  direction: 'input' | 'output';
  amount: number;
  /** pico-USD for one, modifiers included. */
  unitPicoUsd: bigint;
  picoUsd: bigint;
}

const PICO_PER_NANO = 1_000n;

/** What one call cost in nano-USD, rounded up once; null where the model, one of its units or a modifier has no known price. */
export function priceUnits(request: PriceRequest): bigint | null {
  const lines = explainPrice(request);
  if (!lines) return null;
  const pico = lines.reduce((sum, line) => sum + line.picoUsd, 0n);
  return (pico + PICO_PER_NANO - 1n) / PICO_PER_NANO;
}

/** The lines behind `priceUnits`; null in the same cases. Units of amount 0 have no line. */
export function explainPrice({ model, units, atMs, modifiers = [] }: PriceRequest): PriceLine[] | null {
  const row = findPrices(model, atMs);
  const factor = row && modifierFactor(row, modifiers);
  if (!row || !factor) return null;
  const prices = row.above && promptTokens(units) > row.above.promptTokens ? row.above.prices : row.prices;
  const lines: PriceLine[] = [];
  for (const [unit, amounts] of Object.entries(units)) {
    for (const direction of ['input', 'output'] as const) {
      const amount = amounts[direction] ?? 0;
      if (amount === 0) continue;
      const unitPicoUsd = unitPrice(row, prices, factor, unit, direction);
      if (unitPicoUsd === null) return null;
      lines.push({ unit, direction, amount, unitPicoUsd, picoUsd: BigInt(amount) * unitPicoUsd });
    }
  }
  return lines;
}

/** Prompt tokens of a call, however they were paid for: what a band is chosen by. */
export const promptTokens = (units: Units): number =>
  Object.values(units).reduce((sum, { input = 0 }) => sum + input, 0);

/** The product of the factors, in percent of percent: 10,000 is 1. Undefined where one is unknown. */
export function modifierFactor(row: PriceRow, modifiers: readonly Modifier[]): bigint | undefined {
  let factor = 1_000_000n;
  for (const modifier of new Set(modifiers)) {
    const percent = row.modifiers[modifier];
    if (percent === undefined) return undefined;
    factor = (factor * percent) / 100n;
  }
  return factor / 100n;
}

const FACTOR_ONE = 10_000n;

function unitPrice(row: PriceRow, prices: Prices, factor: bigint, unit: string, direction: string): bigint | null {
  const fee = findFee(row.provider, unit);
  if (fee !== undefined) return fee;
  const price = tokenPrice(prices, unit.replace(/_large_context$/, ''), direction);
  return price === null ? null : (price * factor) / FACTOR_ONE;
}

function tokenPrice(prices: Prices, unit: string, direction: string): bigint | null {
  if (direction === 'output') return unit === 'text' || unit === 'reasoning' ? prices.output : null;
  switch (unit) {
    case 'text':
    case 'vision':
      return prices.input;
    case 'text_cache_write':
      return prices.cacheWrite;
    case 'text_cache_write_1h':
      return prices.cacheWrite1h;
    case 'text_cache_read':
      return prices.cacheRead;
    default:
      return null;
  }
}
