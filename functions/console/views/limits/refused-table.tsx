import { countColumn, nameColumn } from '../../parts/columns.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { amountText, type Limit } from './limit-figures.ts';
import { titleOf } from './limit-title.ts';
import type { Refused } from './load.ts';
import { refusingLimits } from './refusing-limits.ts';

/** Who was refused in the last 24 hours, and by which limits. */
export const RefusedTable = ({ rows, limits }: { rows: readonly Refused[]; limits: readonly Limit[] }) => (
  <Table
    caption="Refused calls"
    columns={[...columns, whyColumn(limits)]}
    rows={rows}
    keyOf={({ user, useCase }) => JSON.stringify([user, useCase])}
    order={{ title: 'refused', down: true }}
  />
);

const columns: Column<Refused>[] = [
  nameColumn('user', ({ user }) => user),
  nameColumn('use case', ({ useCase }) => useCase),
  countColumn('refused', ({ refused }) => refused),
  countColumn('made', ({ requests }) => requests),
];

const whyColumn = (limits: readonly Limit[]): Column<Refused> => ({
  title: 'why',
  value: (row) => refusingLimits(row, limits).map(reasonOf).join('; '),
  show: (row) => {
    const refusing = refusingLimits(row, limits);
    if (refusing.length === 0) return <span class="muted">a limit whose period has ended</span>;
    return refusing.map((limit) => (
      <div key={limit.limitId}>
        <Name text={titleOf(limit)} />: {needText(limit)}
      </div>
    ));
  },
});

const needText = ({ unit, left, refused }: Limit): string =>
  `a call needed ${amountText(unit, refused?.needed ?? 0)}, ${amountText(unit, left)} are left`;

const reasonOf = (limit: Limit): string => `${titleOf(limit)}: ${needText(limit)}`;
