import { count } from '../../format/numbers.ts';
import { Name } from '../../parts/name.tsx';
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
  { title: 'user', value: ({ user }) => user, show: ({ user }) => <Name text={user} /> },
  { title: 'use case', value: ({ useCase }) => useCase, show: ({ useCase }) => <Name text={useCase} /> },
  { title: 'refused', value: ({ refused }) => refused, show: ({ refused }) => count(refused), isNumber: true },
  { title: 'made', value: ({ requests }) => requests, show: ({ requests }) => count(requests), isNumber: true },
];
