import type { Units } from '../events/usage-event.ts';
import type { Resource } from '../payi/categories.ts';
import type { PayiClient } from '../payi/client.ts';
import { PayiError } from '../payi/transport/error.ts';
import { collect } from '../payi/transport/paging.ts';
import { findFee, findPrices, pricedModel, pricedModels } from '../pricing/price-book.ts';
import { explainPrice } from '../pricing/price-units.ts';

/** A price that differs. USD for one unit; null: unknown. */
export interface PriceDifference {
  model: string;
  /** With its direction: `text.input`. */
  unit: string;
  ours: number | null;
  payi: number | null;
}

export interface PriceCheck {
  /** Prices that both have. */
  compared: number;
  rows: PriceDifference[];
  /** Models that are priced here and that Pay-i does not have. */
  missingAtPayi: string[];
}

/** The categories whose prices are compared: those of the makers of models, whose prices others take over. */
export const comparedCategories: readonly string[] = [
  'system.anthropic',
  'system.openai',
  'system.google.vertex',
  'xai',
];
const directions = ['input', 'output'] as const;
type Direction = (typeof directions)[number];

/** What our calls can use; Pay-i's other units are compared where it has them. */
const ourUnits: readonly [unit: string, direction: Direction][] = [
  ['text', 'input'],
  ['text', 'output'],
  ['text_cache_write', 'input'],
  ['text_cache_write_1h', 'input'],
  ['text_cache_read', 'input'],
];
const PICO = 1e12;

/** Compares our prices with those that Pay-i has now (ms, UTC), model by model and unit by unit. @throws PayiError */
export async function checkPrices(payi: Pick<PayiClient, 'categories'>, nowMs: number): Promise<PriceCheck> {
  const check: PriceCheck = { compared: 0, rows: [], missingAtPayi: [] };
  const found = new Set<string>();
  for (const category of comparedCategories)
    for (const resource of inForce(await resourcesOf(payi, category), nowMs)) {
      const model = pricedModel(resource.resource.replace(/^google\./, ''));
      if (model === undefined) continue;
      found.add(model);
      compare(check, model, resource, nowMs);
    }
  check.missingAtPayi = pricedModels().filter((model) => !found.has(model) && findPrices(model, nowMs) !== undefined);
  return check;
}

function compare(check: PriceCheck, model: string, { resource, units }: Resource, nowMs: number): void {
  const atPayi = new Map(ourUnits.map(([unit, direction]) => [`${unit}.${direction}`, null as number | null]));
  for (const [unit, prices] of Object.entries(units ?? {}))
    for (const direction of directions) {
      const price = prices[`${direction}_price`];
      if (typeof price === 'number' && price > 0) atPayi.set(`${unit}.${direction}`, price);
    }
  for (const [name, payi] of atPayi) {
    const [unit = '', direction] = name.split('.') as [string, Direction];
    const ours = priceOf(model, unit, direction, nowMs);
    // A unit that is free here, as the output of embeddings, needs no price there.
    if (payi === null && (ours === null || ours === 0)) continue;
    if (ours !== null && payi !== null) check.compared += 1;
    const isSame = ours !== null && payi !== null && Math.round(ours * PICO) === Math.round(payi * PICO);
    if (!isSame) check.rows.push({ model: resource, unit: name, ours, payi });
  }
}

/** USD for one unit; of a large context, beyond the line from which it counts. A fee, as of a search, does not depend on the context. */
function priceOf(model: string, name: string, direction: Direction, atMs: number): number | null {
  const row = findPrices(model, atMs);
  const plain = name.replace(/_large_context$/, '');
  const unit = row && findFee(row.provider, plain) !== undefined ? plain : name;
  const above = unit.endsWith('_large_context') ? row?.above?.promptTokens : 0;
  if (above === undefined) return null;
  const units: Units = { [unit]: { [direction]: 1 }, ...(above > 0 && { vision: { input: above + 1 } }) };
  const line = explainPrice({ model, units, atMs })?.find((one) => one.unit === unit && one.direction === direction);
  return line ? Number(line.unitPicoUsd) / PICO : null;
}

/** The latest version of each resource that has begun. */
function inForce(resources: readonly Resource[], nowMs: number): Resource[] {
  const startOf = ({ start_timestamp }: Resource): number => (start_timestamp ? Date.parse(start_timestamp) : 0);
  const latest = new Map<string, Resource>();
  for (const resource of resources) {
    const known = latest.get(resource.resource);
    if (startOf(resource) > nowMs || (known && startOf(known) > startOf(resource))) continue;
    latest.set(resource.resource, resource);
  }
  return [...latest.values()];
}

/** None for a category that Pay-i does not have. */
async function resourcesOf(payi: Pick<PayiClient, 'categories'>, category: string): Promise<Resource[]> {
  try {
    return await collect(payi.categories.resources(category));
  } catch (error) {
    if (error instanceof PayiError && error.payiStatus === 404) return [];
    throw error;
  }
}
