import { visibleName } from '../../../format/names.ts';
import { Badge } from '../../../parts/badge.tsx';
import { nameColumn } from '../../../parts/columns.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { Time } from '../../../parts/time.tsx';
import { Amount } from '../amount.tsx';
import { type Approval, amountOf, askerOf } from './approval.ts';

/** Calls that wait for an admin. */
export const ApprovalTable = ({
  approvals,
  askedFor,
  onDecide,
}: {
  approvals: readonly Approval[];
  askedFor: string | undefined;
  onDecide: (approval: Approval, decision: 'approve' | 'deny') => void;
}) => (
  <Table
    caption="Calls that wait for an approval"
    columns={columnsOf(askedFor)}
    rows={approvals}
    keyOf={({ id }) => id}
    order={{ title: 'asked', down: true }}
    actions={(approval) => (
      <>
        <button
          type="button"
          class="quiet"
          aria-label={`Approve the call of ${labelOf(approval)}`}
          onClick={() => onDecide(approval, 'approve')}
        >
          Approve
        </button>
        <button
          type="button"
          class="quiet"
          aria-label={`Deny the call of ${labelOf(approval)}`}
          onClick={() => onDecide(approval, 'deny')}
        >
          Deny
        </button>
      </>
    )}
  />
);

/** A caller may wait at several limits. */
const labelOf = (approval: Approval): string => `${visibleName(askerOf(approval))} at ${approval.policy}`;

const columnsOf = (askedFor: string | undefined): Column<Approval>[] => [
  nameColumn('who', askerOf),
  nameColumn('use case', ({ whose }) => whose.useCaseName),
  nameColumn('policy', ({ policy }) => policy),
  {
    title: 'raises it by',
    value: amountOf,
    show: (approval) => <Amount unit={approval.unit} value={amountOf(approval)} />,
    isNumber: true,
  },
  {
    title: 'asked',
    value: ({ askedAt }) => askedAt,
    show: ({ id, askedAt }) => (
      <>
        <Time at={askedAt} /> {id === askedFor && <Badge tone="good">linked</Badge>}
      </>
    ),
  },
  { title: 'until', value: ({ until }) => until, show: ({ until }) => <Time at={until} /> },
];
