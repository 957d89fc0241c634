import type { Units } from '../events/usage-event.ts';
import { findFee, findPrices } from './price-book.ts';
import type { Modifier, PriceRow, Prices } from './price-row.ts';

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
const FACTOR_ONE = 10_000n;

/** What one call cost in nano-USD, rounded up once; null where the model, one of its units or a modifier has no known price. */
export function priceUnits(request: PriceRequest): bigint | null {
  let pico = 0n;
  const isKnown = eachPrice(request, (_unit, _direction, amount, unitPicoUsd) => {
    pico += BigInt(amount) * unitPicoUsd;
  });
  return isKnown ? (pico + PICO_PER_NANO - 1n) / PICO_PER_NANO : null;
}

/** The lines behind `priceUnits`; null in the same cases. Units of amount 0 have no line. */
export function explainPrice(request: PriceRequest): PriceLine[] | null {
  const lines: PriceLine[] = [];
  const isKnown = eachPrice(request, (unit, direction, amount, unitPicoUsd) => {
    lines.push({ unit, direction, amount, unitPicoUsd, picoUsd: BigInt(amount) * unitPicoUsd });
  });
  return isKnown ? lines : null;
}

const directions = ['input', 'output'] as const;
type Line = (unit: string, direction: PriceLine['direction'], amount: number, unitPicoUsd: bigint) => void;

/** @returns false where a price is unknown. It runs once a call, so it makes nothing that its caller does not ask for. */
function eachPrice({ model, units, atMs, modifiers = [] }: PriceRequest, line: Line): boolean {
  const row = findPrices(model, atMs);
  const factor = row && modifierFactor(row, modifiers);
  if (!row || !factor) return false;
  const prices = row.above && promptTokens(units) > row.above.promptTokens ? row.above.prices : row.prices;
  for (const unit in units) {
    for (const direction of directions) {
      const amount = units[unit]?.[direction] ?? 0;
      if (amount === 0) continue;
      const unitPicoUsd = unitPrice(row, prices, factor, unit, direction);
      if (unitPicoUsd === null) return false;
      line(unit, direction, amount, unitPicoUsd);
    }
  }
  return true;
}

/** Prompt tokens of a call, however they were paid for: what a band is chosen by. */
export const promptTokens = (units: Units): number =>
  Object.values(units).reduce((sum, { input = 0 }) => sum + input, 0);

/** The product of the factors, in percent of percent: 10,000 is 1. Undefined where one is unknown. */
export function modifierFactor(row: PriceRow, modifiers: readonly Modifier[]): bigint | undefined {
  if (modifiers.length === 0) return FACTOR_ONE;
  let factor = 1_000_000n;
  for (const modifier of new Set(modifiers)) {
    const percent = row.modifiers[modifier];
    if (percent === undefined) return undefined;
    factor = (factor * percent) / 100n;
  }
  return factor / 100n;
}

function unitPrice(row: PriceRow, prices: Prices, factor: bigint, unit: string, direction: string): bigint | null {
  const fee = findFee(row.provider, unit);
  if (fee !== undefined) return fee;
  const price = tokenPrice(prices, unit.replace(/_large_context$/, ''), direction);
  return price === null ? null : (price * factor) / FACTOR_ONE;
}

function tokenPrice(prices: Prices, unit: string, direction: string): bigint | null {
  if (unit === 'audio') return direction === 'output' ? prices.audioOutput : prices.audioInput;
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
