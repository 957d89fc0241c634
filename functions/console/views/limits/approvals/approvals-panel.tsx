import { useState } from 'preact/hooks';
import { request } from '../../../data/client.ts';
import { useData } from '../../../data/use-data.ts';
import { visibleName } from '../../../format/names.ts';
import { Confirm } from '../../../parts/forms/confirm.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { amountText } from '../limit-figures.ts';
import { type Approval, amountOf, askerOf } from './approval.ts';
import { ApprovalTable } from './approval-table.tsx';

const REFRESH_MS = 10_000;

interface Decision {
  approval: Approval;
  decision: 'approve' | 'deny';
}

/**
 * What callers ask for at limits that ask, for an admin to decide.
 * @param askedFor the approval that a refusal or an alert links to
 */
export function ApprovalsPanel({ askedFor, onDone }: { askedFor: string | undefined; onDone: (said: string) => void }) {
  const [open, setOpen] = useState<Decision>();
  const loaded = useData(
    'approvals',
    (signal) => request('GET /api/admin/approvals', { query: {}, signal }),
    REFRESH_MS,
  );
  const close = () => setOpen(undefined);
  return (
    <>
      <Panel
        title="Approvals"
        loaded={loaded}
        isEmpty={(data) => data.approvals.length === 0}
        empty="Nobody waits for an approval."
      >
        {(data) => (
          <ApprovalTable
            approvals={data.approvals}
            askedFor={askedFor}
            onDecide={(approval, decision) => setOpen({ approval, decision })}
          />
        )}
      </Panel>
      {open && (
        <Confirm
          title={open.decision === 'approve' ? 'Approve a call' : 'Deny a call'}
          verb={open.decision === 'approve' ? 'Approve' : 'Deny'}
          onClose={close}
          act={async () => {
            const { approval, decision } = open;
            await request('POST /api/admin/approvals/{id}', {
              params: { id: approval.id },
              body: { decision },
              headers: { 'if-match': approval.etag },
            });
            close();
            loaded.reload();
            onDone(
              `${decision === 'approve' ? 'Approved' : 'Denied'} what ${visibleName(askerOf(approval))} asked for.`,
            );
          }}
        >
          <p>{decisionText(open)}</p>
        </Confirm>
      )}
    </>
  );
}

function decisionText({ approval, decision }: Decision): string {
  const { unit, policy } = approval;
  const amount = amountText(unit, amountOf(approval));
  return decision === 'approve'
    ? `The limit of ${policy} gets room for ${amount} more, once, until it ends.`
    : `Calls like this are refused until the period of ${policy} ends.`;
}
