import { countColumn, nameColumn } from '../../parts/columns.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { Refused } from './load.ts';

/** Who was refused by a limit in the last 24 hours. */
export const RefusedTable = ({ rows }: { rows: readonly Refused[] }) => (
  <Table
    caption="Refused calls"
    columns={columns}
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
