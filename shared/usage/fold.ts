import { hourOfPartition, type LedgerRow } from '../ledger/ledger-row.ts';
import { GroupSums, type GroupValues, type UsageGroup, type View } from './usage-group.ts';

/** The groups of one span in both views, each sorted by its values. */
export type FoldedSpan = Record<View, UsageGroup[]>;

/** What calls came to by hour and group. The same rows give the same groups, in whatever order they come; scores (`kpi`) are left out. */
export async function foldHours(rows: AsyncIterable<LedgerRow>): Promise<Map<string, FoldedSpan>> {
  const hours = new Map<string, Record<View, GroupSums>>();
  for await (const row of rows) {
    if (row.kind !== 'usage') continue;
    const hour = hourOfPartition(row.partitionKey);
    let sums = hours.get(hour);
    if (!sums) {
      sums = { users: new GroupSums(), all: new GroupSums() };
      hours.set(hour, sums);
    }
    const values = valuesOf(row);
    sums.users.addRow(values, row);
    sums.all.addRow(['', ...values.slice(1)], row);
  }
  return new Map([...hours].map(([hour, { users, all }]) => [hour, { users: users.sorted(), all: all.sorted() }]));
}

/** In the order of `dimensions`. */
const valuesOf = (row: LedgerRow): GroupValues => [
  row.userId ?? '',
  row.useCaseName,
  row.useCaseVersion?.toString() ?? '',
  row.useCaseStep ?? '',
  row.accountName ?? '',
  row.category ?? '',
  row.resource ?? '',
  row.outcome ?? '',
];
