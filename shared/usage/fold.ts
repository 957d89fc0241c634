import { hourOfPartition, type LedgerRow } from '../ledger/ledger-row.ts';
import type { RefusedCalls } from './refusals/refusal-rows.ts';
import { noUsage, unitsOf } from './usage-figures.ts';
import { GroupSums, type GroupValues, type UsageGroup, type View } from './usage-group.ts';

/** The groups of one span in both views, each sorted by its values. */
export type FoldedSpan = Record<View, UsageGroup[]>;

/** What calls came to by hour and group. The same rows give the same groups, in whatever order they come; scores (`kpi`) are left out. */
export async function foldHours(
  rows: AsyncIterable<LedgerRow>,
  refused: AsyncIterable<RefusedCalls>,
): Promise<Map<string, FoldedSpan>> {
  const hours = new Map<string, Record<View, GroupSums>>();
  for await (const row of rows) {
    if (row.kind !== 'usage') continue;
    const sums = sumsOf(hourOfPartition(row.partitionKey));
    const values = valuesOf(row);
    const units = unitsOf(row);
    sums.users.addRow(values, row, units);
    sums.all.addRow(['', ...values.slice(1)], row, units);
  }
  for await (const { hour, values, calls } of refused) {
    const sums = sumsOf(hour);
    const figures = { ...noUsage(), refused: calls };
    sums.users.add(values, figures);
    sums.all.add(['', ...values.slice(1)], figures);
  }
  return new Map([...hours].map(([hour, { users, all }]) => [hour, { users: users.sorted(), all: all.sorted() }]));

  function sumsOf(hour: string): Record<View, GroupSums> {
    let sums = hours.get(hour);
    if (!sums) {
      sums = { users: new GroupSums(), all: new GroupSums() };
      hours.set(hour, sums);
    }
    return sums;
  }
}

/** In the order of `dimensions`. */
const valuesOf = (row: LedgerRow): GroupValues => [
  row.userId ?? '',
  row.useCaseName,
  row.useCaseVersion?.toString() ?? '',
  row.useCaseStep ?? '',
  row.accountName ?? '',
  row.keyName ?? '',
  row.category ?? '',
  row.resource ?? '',
  row.outcome ?? '',
];
