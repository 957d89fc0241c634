import { toUsd } from '../util/money.ts';
import { type BilledUnit, billedUnits, noBilledAmounts } from './amounts.ts';
import { type Book, type BookName, bookKey, emptyBook } from './day-books.ts';
import { explainedBySum, explainPayi, explainProviderAmount, explainProviderCost } from './explain.ts';
import type { ProviderBook, ProviderLine } from './provider-book.ts';
import type { Explanation } from './reasons.ts';

export type ReconciledUnit = BilledUnit | 'usd';
export const reconciledUnits = [...billedUnits, 'usd'] as const;

/** One figure by each book: tokens, searches or USD. null: the book does not say it. */
export interface ReconciledRow extends BookName {
  unit: ReconciledUnit;
  ledger: number;
  payi: number | null;
  provider: number | null;
  /** The larger difference of another book from the ledger, beyond rounding: positive where the ledger has less. */
  difference: number;
}

/** Why another book differs from the ledger in a row. */
export interface BookDifference extends BookName {
  unit: ReconciledUnit;
  against: 'payi' | 'provider';
  /** Positive where the ledger has less. */
  difference: number;
  reasons: Explanation[];
}

export interface Comparison {
  rows: ReconciledRow[];
  differences: BookDifference[];
}

/** Compares the books of a day. Rows without any amount are left out. */
export function compareBooks(books: readonly Book[], provider: ProviderBook | undefined): Comparison {
  const all = new Map(books.map((book) => [bookKey(book), book]));
  const lines = new Map(provider?.lines.map((line) => [bookKey(line), line]));
  for (const [key, line] of lines) if (!all.has(key)) all.set(key, emptyBook(line));
  const found: Comparison = { rows: [], differences: [] };
  for (const [key, book] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const line = provider?.category === book.category ? (lines.get(key) ?? emptyLine(book)) : undefined;
    for (const unit of billedUnits) addAmountRow(found, book, line, unit);
    addCostRow(found, book, line);
  }
  for (const [model, cost] of provider?.besides ?? []) {
    const name = { category: provider?.category ?? '', model, modifiers: '' };
    const usd = toUsd(cost);
    if (usd === 0) continue;
    found.rows.push({ ...name, unit: 'usd', ledger: 0, payi: null, provider: usd, difference: usd });
    const reasons = [explainedBySum('not_metered', usd)];
    found.differences.push({ ...name, unit: 'usd', against: 'provider', difference: usd, reasons });
  }
  return found;
}

function addAmountRow(found: Comparison, book: Book, line: ProviderLine | undefined, unit: BilledUnit): void {
  const { category, model, modifiers } = book;
  const ledger = book.amounts[unit];
  const provider = line?.amounts[unit] ?? null;
  if (ledger === 0 && !provider) return;
  const difference = provider === null ? 0 : provider - ledger;
  found.rows.push({ category, model, modifiers, unit, ledger, payi: null, provider, difference });
  if (difference === 0) return;
  const reasons = explainProviderAmount(book.provider, unit, difference);
  found.differences.push({ category, model, modifiers, unit, against: 'provider', difference, reasons });
}

function addCostRow(found: Comparison, book: Book, line: ProviderLine | undefined): void {
  const { category, model, modifiers, payi, cost, events } = book;
  const atPayi = explainPayi(payi.groups);
  const byProvider = line ? beyondRounding(line.cost - cost, events) : 0n;
  const isEmpty = events === 0 && (line === undefined || line.cost === 0n);
  if (isEmpty || (cost === 0n && !line?.cost && atPayi.reasons.length === 0)) return;
  const name = { category, model, modifiers, unit: 'usd' as const };
  const larger = abs(byProvider) > abs(atPayi.difference) ? byProvider : atPayi.difference;
  found.rows.push({
    ...name,
    ledger: toUsd(cost),
    payi: payi.unknown > 0 ? null : toUsd(payi.cost),
    provider: line ? toUsd(line.cost) : null,
    difference: toUsd(larger),
  });
  if (atPayi.reasons.length > 0)
    found.differences.push({
      ...name,
      against: 'payi',
      difference: toUsd(atPayi.difference),
      reasons: atPayi.reasons,
    });
  if (line && byProvider !== 0n)
    found.differences.push({
      ...name,
      against: 'provider',
      difference: toUsd(byProvider),
      reasons: explainProviderCost(book, line, byProvider),
    });
}

/** Costs of calls are rounded up to a nano-USD each, the provider's sum once. */
const beyondRounding = (difference: bigint, events: number): bigint =>
  abs(difference) <= BigInt(events) + 1n ? 0n : difference;

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

const emptyLine = ({ category, model, modifiers }: BookName): ProviderLine => ({
  category,
  model,
  modifiers,
  amounts: noBilledAmounts(),
  cost: 0n,
  listCost: 0n,
});
