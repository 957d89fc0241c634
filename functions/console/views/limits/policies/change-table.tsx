import { visibleName } from '../../../format/names.ts';
import { nameColumn, timeColumn } from '../../../parts/columns.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import type { PolicyChange } from '../load.ts';
import { differencesOf } from './difference.ts';

/** What admins changed of the policies, the latest first. */
export const ChangeTable = ({
  changes,
  onUndo,
}: {
  changes: readonly PolicyChange[];
  onUndo: (change: PolicyChange) => void;
}) => (
  <Table
    caption="Changes of policies"
    columns={columns}
    rows={changes}
    keyOf={({ id }) => id}
    actions={(change) =>
      isLast(change, changes) && (
        <button
          type="button"
          class="quiet"
          aria-label={`Undo the change of ${change.name}`}
          onClick={() => onUndo(change)}
        >
          Undo
        </button>
      )
    }
  />
);

/** Only the last change of a policy can be taken back. `changes` has the latest first. */
const isLast = (change: PolicyChange, changes: readonly PolicyChange[]): boolean =>
  changes.find(({ name }) => name === change.name)?.id === change.id;

const columns: Column<PolicyChange>[] = [
  timeColumn('when', ({ changedAt }) => changedAt),
  nameColumn('policy', ({ name }) => name),
  nameColumn('by', ({ changedBy }) => changedBy),
  { title: 'what', value: whatOf, show: (change) => <span class="wrap">{visibleName(whatOf(change))}</span> },
];

function whatOf({ from, to }: PolicyChange): string {
  if (!to) return 'deleted';
  if (!from) return 'created';
  return differencesOf(from, to)
    .map(({ name, before, after }) => `${name}: ${before} → ${after}`)
    .join('; ');
}
