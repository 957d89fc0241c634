import type { Units } from '../events/usage-event.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { DAY_MS, dayOf } from '../util/days.ts';
import { comparedCategories } from './price-check.ts';
import type { ModelCosts } from './price-drift.ts';

/** What the ledger says of the last day, from its first events on: enough to see which names occur. */
export interface RecentEvents {
  events: number;
  useCases: ReadonlySet<string>;
  namesAccounts: boolean;
  /** By model, of calls that have our price and that of Pay-i. */
  costs: ReadonlyMap<string, ModelCosts>;
  /** By model of the compared categories: the units that were used, with their direction (`text.input`). */
  units: ReadonlyMap<string, ReadonlySet<string>>;
}

const READ = 2_000;

/** Reads at most `READ` entries, since yesterday (UTC). @throws TableError */
export async function recentEvents(ledger: Pick<Ledger, 'since'>, nowMs: number): Promise<RecentEvents> {
  const useCases = new Set<string>();
  const costs = new Map<string, ModelCosts>();
  const units = new Map<string, Set<string>>();
  let events = 0;
  let namesAccounts = false;
  for await (const row of ledger.since(dayOf(nowMs - DAY_MS))) {
    const { useCaseName, accountName, occurredAt } = row;
    if (Date.parse(occurredAt) < nowMs - DAY_MS) continue;
    events += 1;
    useCases.add(useCaseName);
    namesAccounts ||= accountName !== undefined;
    addCosts(costs, row);
    addUnits(units, row);
    if (events >= READ) break;
  }
  return { events, useCases, namesAccounts, costs, units };
}

function addCosts(costs: Map<string, ModelCosts>, { resource, estimatedCost, pricedCost }: LedgerRow): void {
  if (resource === undefined || estimatedCost === undefined || pricedCost === undefined) return;
  const { calls, ours, payi } = costs.get(resource) ?? { calls: 0, ours: 0n, payi: 0n };
  costs.set(resource, { calls: calls + 1, ours: ours + estimatedCost, payi: payi + pricedCost });
}

function addUnits(found: Map<string, Set<string>>, { category = '', resource, units }: LedgerRow): void {
  if (resource === undefined || units === undefined || !comparedCategories.includes(category)) return;
  const names = found.get(resource) ?? new Set<string>();
  found.set(resource, names);
  for (const [unit, amounts] of Object.entries(JSON.parse(units) as Units))
    for (const direction of ['input', 'output'] as const) if (amounts[direction]) names.add(`${unit}.${direction}`);
}
