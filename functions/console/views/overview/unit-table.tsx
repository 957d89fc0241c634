import { percent } from '../../format/numbers.ts';
import { wordsOf } from '../../format/words.ts';
import { countColumn } from '../../parts/columns.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { type UnitSum, unitSums } from './units.ts';
import type { UsageRow } from './usage.ts';

/** Tokens by kind, and what else calls used. */
export const UnitTable = ({ rows }: { rows: readonly UsageRow[] }) => (
  <Table caption="Used units" columns={columns} rows={unitSums(rows)} keyOf={({ unit }) => unit} />
);

const shareColumn = (title: string, value: (sum: UnitSum) => number | null): Column<UnitSum> => ({
  title,
  value,
  show: (sum) => {
    const share = value(sum);
    return share === null ? <span class="muted">–</span> : percent(share);
  },
  isNumber: true,
});

const columns: Column<UnitSum>[] = [
  { title: 'unit', value: ({ unit }) => unit, show: ({ unit }) => wordsOf(unit) },
  countColumn('in', ({ input }) => input),
  shareColumn('of the tokens in', ({ inputShare }) => inputShare),
  countColumn('out', ({ output }) => output),
  shareColumn('of the tokens out', ({ outputShare }) => outputShare),
];
