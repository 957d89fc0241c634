import type { Units } from '../events/usage-event.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { modifierNames } from '../pricing/price-row.ts';
import { explainPrice, type PriceLine, priceUnits } from '../pricing/price-units.ts';

/**
 * The lines that add up to a call's estimate, rounded up to a nano-USD. The ledger does not have the modifiers, so they are those with
 * which the price book comes to the estimate; null where none does, as for a model without a price or a price that changed since.
 */
export function priceLinesOf({
  resource,
  units,
  estimatedCost,
  occurredAt,
}: Pick<LedgerRow, 'resource' | 'units' | 'estimatedCost' | 'occurredAt'>): PriceLine[] | null {
  if (resource === undefined || units === undefined || estimatedCost === undefined) return null;
  const price = { model: resource, units: JSON.parse(units) as Units, atMs: Date.parse(occurredAt) };
  for (const some of subsets(modifierNames)) {
    const request = { ...price, modifiers: some };
    if (priceUnits(request) === estimatedCost) return explainPrice(request);
  }
  return null;
}

/** The empty one first. */
function subsets<T>(items: readonly T[]): T[][] {
  const all = Array.from({ length: 1 << items.length }, (_, bits) => items.filter((_item, at) => bits & (1 << at)));
  return all.sort((a, b) => a.length - b.length);
}
