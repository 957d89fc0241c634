import { toUsd } from '../util/money.ts';
import { type BilledUnit, billedUnits } from './amounts.ts';
import type { Book } from './day-books.ts';
import type { EventGroup, EventGroups } from './event-group.ts';
import type { ProviderLine } from './provider-book.ts';
import { type Explanation, type Reason, reasonTexts } from './reasons.ts';

type Groups = EventGroups<Reason>;

const explained = (reason: Reason, { events, eventIds }: EventGroup, amount: number | null): Explanation => ({
  reason,
  text: reasonTexts[reason],
  events,
  eventIds,
  amount,
});
/** Of sums, behind which there are no events. */
export const explainedBySum = (reason: Reason, amount: number | null): Explanation => ({
  reason,
  text: reasonTexts[reason],
  events: 0,
  eventIds: [],
  amount,
});

/** Each event that differs at Pay-i has its reason, so the parts are the whole. */
export function explainPayi(groups: Groups): { difference: bigint; reasons: Explanation[] } {
  let difference = 0n;
  const reasons: Explanation[] = [];
  for (const [reason, group] of groups.entries()) {
    difference += group.theirs - group.ours;
    reasons.push(explained(reason, group, toUsd(group.theirs - group.ours)));
  }
  return { difference, reasons };
}

/** Reasons by which the provider can have more, and those by which it can have less. */
const more: readonly Reason[] = ['began_before'];
const less: readonly Reason[] = ['ended_after'];
const either: readonly Reason[] = ['estimated', 'abandoned', 'batch'];

/** The provider names sums: what events that are not in the ledger make is exact, all else is what can explain the rest. */
export function explainProviderAmount(groups: Groups, unit: BilledUnit, difference: number): Explanation[] {
  const found: Explanation[] = [];
  const unwritten = groups.get('not_in_ledger');
  if (unwritten && unwritten.amounts[unit] > 0)
    found.push(explained('not_in_ledger', unwritten, unwritten.amounts[unit]));
  const rest = difference - (unwritten?.amounts[unit] ?? 0);
  if (rest === 0) return found;
  let possible = 0;
  for (const reason of [...(rest > 0 ? more : less), ...either]) {
    const group = groups.get(reason);
    if (!group || group.amounts[unit] === 0) continue;
    possible += group.amounts[unit];
    found.push(explained(reason, group, null));
  }
  if (Math.abs(rest) <= possible) return found;
  found.push(explainedBySum(rest > 0 ? 'not_through_us' : 'not_at_provider', possible === 0 ? rest : null));
  return found;
}

/** @param difference provider less ledger, nano-USD */
export function explainProviderCost(book: Book, line: ProviderLine, difference: bigint): Explanation[] {
  const found: Explanation[] = [];
  let rest = difference;
  const exact = (reason: Reason, nanoUsd: bigint, group?: EventGroup): void => {
    if (nanoUsd === 0n) return;
    rest -= nanoUsd;
    found.push(group ? explained(reason, group, toUsd(nanoUsd)) : explainedBySum(reason, toUsd(nanoUsd)));
  };
  // Own prices have the discount in them.
  if (!book.provider.get('own_prices')) exact('provider_discount', line.cost - line.listCost);
  const corrected = book.provider.get('corrected_prices');
  if (corrected) exact('corrected_prices', corrected.theirs - corrected.ours, corrected);
  const unwritten = book.provider.get('not_in_ledger');
  if (unwritten) exact('not_in_ledger', unwritten.theirs, unwritten);
  if (isRounding(rest, book.events)) return found;
  let isOpen = true;
  if (billedUnits.some((unit) => line.amounts[unit] !== book.amounts[unit] + (unwritten?.amounts[unit] ?? 0))) {
    found.push(explainedBySum('usage_differs', null));
    isOpen = false;
  }
  for (const reason of ['no_price', 'own_prices', 'abandoned', 'estimated'] as const) {
    const group = book.provider.get(reason);
    if (!group) continue;
    found.push(explained(reason, group, null));
    isOpen = false;
  }
  if (isOpen) found.push(explainedBySum('provider_price', toUsd(rest)));
  return found;
}

const isRounding = (nanoUsd: bigint, events: number): boolean =>
  nanoUsd <= BigInt(events) + 1n && nanoUsd >= -BigInt(events) - 1n;
