import { hourOfPartition, type LedgerRow } from '../ledger/ledger-row.ts';
import { addToPart, type InstancePart, noPart } from './instance-part.ts';
import type { RefusedCalls } from './refusals/refusal-rows.ts';
import type { CallUnits } from './tokens.ts';
import { noUsage, unitsOf } from './usage-figures.ts';
import { GroupSums, type GroupValues, keyOf, type UsageGroup, type View } from './usage-group.ts';

/** The groups of one span in both views, each sorted by its values, and its instances. */
export interface FoldedSpan extends Record<View, UsageGroup[]> {
  instances: Iterable<InstancePart>;
}

interface SpanSums extends Record<View, GroupSums> {
  instances: InstanceParts;
}

/** What calls came to by hour and group. The same rows give the same groups, in whatever order they come. */
export async function foldHours(
  rows: AsyncIterable<LedgerRow>,
  refused: AsyncIterable<RefusedCalls>,
): Promise<Map<string, FoldedSpan>> {
  const hours = new Map<string, SpanSums>();
  for await (const row of rows) {
    const sums = sumsOf(hourOfPartition(row.partitionKey));
    const units = unitsOf(row);
    sums.instances.add(row, units);
    if (row.kind !== 'usage') continue;
    const others = valuesOf(row);
    const key = keyOf(others);
    sums.users.addRow(row.userId ?? '', others, key, row, units);
    sums.all.addRow('', others, key, row, units);
  }
  for await (const { hour, values, calls } of refused) {
    const sums = sumsOf(hour);
    const figures = { ...noUsage(), refused: calls };
    sums.users.add(values, figures);
    sums.all.add(['', ...values.slice(1)], figures);
  }
  return new Map(
    [...hours].map(([hour, { users, all, instances }]) => [
      hour,
      { users: users.sorted(), all: all.sorted(), instances: instances.all() },
    ]),
  );

  function sumsOf(hour: string): SpanSums {
    let sums = hours.get(hour);
    if (!sums) {
      sums = { users: new GroupSums(), all: new GroupSums(), instances: new InstanceParts() };
      hours.set(hour, sums);
    }
    return sums;
  }
}

/** Of the dimensions besides the user, in order; the properties of a call that has some behind them. */
const valuesOf = (row: LedgerRow): GroupValues => [
  row.useCaseName,
  row.useCaseVersion?.toString() ?? '',
  row.useCaseStep ?? '',
  row.accountName ?? '',
  row.keyName ?? '',
  row.category ?? '',
  row.resource ?? '',
  row.outcome ?? '',
  ...(row.properties === undefined ? [] : [row.properties]),
];

/** Instances that are being added up. */
class InstanceParts {
  readonly #parts = new Map<string, InstancePart>();

  add(row: LedgerRow, units: CallUnits): void {
    const key = `${row.useCaseName}\n${row.useCaseId}`;
    let part = this.#parts.get(key);
    if (!part) {
      part = noPart(row.useCaseName, row.useCaseId);
      this.#parts.set(key, part);
    }
    addToPart(part, row, units);
  }

  all(): Iterable<InstancePart> {
    return this.#parts.values();
  }
}
