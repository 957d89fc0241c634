import type { UsageEvent } from '../events/usage-event.ts';
import type { XproxyResult } from '../payi/ingest/xproxy-result.ts';
import { modifiersIn } from '../pricing/modifier-property.ts';
import { explainPrice, type PriceLine } from '../pricing/price-units.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Clock } from '../util/clock.ts';

/** What one side of a call costs here and at Pay-i. Pay-i tells sides, not units. */
export interface SidePrices {
  model: string;
  side: PriceLine['direction'];
  /** Names of the units on that side, joined by `+`. */
  units: string;
  /** Comma-separated; '' for none. */
  modifiers: string;
  ourUsd: number;
  payiUsd: number;
  /** How far Pay-i's price is from our own, as a share of it: 0.1 where it is 10 % dearer there. */
  share: number;
}

const PICO_PER_USD = 1e12;
const LEAST_USD = 0.000_000_001;
/** Prices that are further apart than this share differ. */
export const MOST_DRIFT = 0.01;

/** Empty where Pay-i named no price, or we have none. */
export function sidePrices(event: UsageEvent, cost: XproxyResult['cost']): SidePrices[] {
  const modifiers = modifiersIn(event.requestProperties);
  const request = { model: event.resource, units: event.units, atMs: Date.parse(event.occurredAt), modifiers };
  const lines = cost ? explainPrice(request) : null;
  if (!lines) return [];
  return (['input', 'output'] as const).flatMap((side) => {
    const own = lines.filter(({ direction }) => direction === side);
    const payiUsd = cost?.[side]?.base;
    if (own.length === 0 || payiUsd == null) return [];
    const ourUsd = Number(own.reduce((sum, { picoUsd }) => sum + picoUsd, 0n)) / PICO_PER_USD;
    const difference = payiUsd - ourUsd;
    // Less than a nano-USD is rounding.
    const share = Math.abs(difference) < LEAST_USD ? 0 : ourUsd === 0 ? 1 : difference / ourUsd;
    const units = own.map(({ unit }) => unit).join('+');
    return [{ model: event.resource, side, units, modifiers: modifiers.join(','), ourUsd, payiUsd, share }];
  });
}

/** Says it when Pay-i's prices and ours differ. */
export interface PriceWatch {
  compare(event: UsageEvent, cost: XproxyResult['cost']): void;
}

const SAID_EVERY_MS = 60 * 60_000;

/** A metric for each side of a call, and a warning above 1 %: at most one an hour for the same model, units and modifiers. */
export function createPriceWatch(clock: Clock, telemetry: Telemetry): PriceWatch {
  const said = new Map<string, number>();

  function isNews(name: string): boolean {
    const last = said.get(name);
    if (last !== undefined && clock.now() - last < SAID_EVERY_MS) return false;
    said.set(name, clock.now());
    return true;
  }

  return {
    compare(event, cost) {
      for (const { model, side, units, modifiers, share, ...usd } of sidePrices(event, cost)) {
        telemetry.measure('price-drift-share', share, { model, side });
        if (Math.abs(share) <= MOST_DRIFT || !isNews([model, side, units, modifiers].join(' '))) continue;
        telemetry.warn('price-differs', { model, side, units, modifiers, share, ...usd, eventId: event.eventId });
      }
    },
  };
}
