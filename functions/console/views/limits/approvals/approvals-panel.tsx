import { useState } from 'preact/hooks';
import { request } from '../../../data/client.ts';
import { useData } from '../../../data/use-data.ts';
import { useQuery } from '../../../data/use-place.ts';
import { visibleName } from '../../../format/names.ts';
import { Confirm } from '../../../parts/forms/confirm.tsx';
import { Name } from '../../../parts/name.tsx';
import { Panel } from '../../../parts/panel.tsx';
import { Time } from '../../../parts/time.tsx';
import { amountText } from '../limit-figures.ts';
import { type Approval, amountOf, askerOf } from './approval.ts';
import { ApprovalTable } from './approval-table.tsx';

const REFRESH_MS = 10_000;

interface Decision {
  approval: Approval;
  decision: 'approve' | 'deny';
}

/** What callers ask for at limits that ask, for an admin to decide. A refusal and an alert link to one by the address. */
export function ApprovalsPanel({ onDone }: { onDone: (said: string) => void }) {
  const [{ approval: askedFor }, setQuery] = useQuery();
  const [open, setOpen] = useState<Decision>();
  const loaded = useData(
    'approvals',
    (signal) => request('GET /api/admin/approvals', { query: {}, signal }),
    REFRESH_MS,
  );
  const close = () => setOpen(undefined);
  const isGone = askedFor && loaded.data?.approvals.every(({ id }) => id !== askedFor);
  return (
    <>
      <Panel
        title="Approvals"
        loaded={loaded}
        before={
          isGone && <p class="empty">The approval that the link names is not pending: it was decided, or has ended.</p>
        }
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
            if (approval.id === askedFor) setQuery({ approval: undefined });
            loaded.reload();
            onDone(
              `${decision === 'approve' ? 'Approved' : 'Denied'} what ${visibleName(askerOf(approval))} asked for.`,
            );
          }}
        >
          <DecisionText {...open} />
        </Confirm>
      )}
    </>
  );
}

function DecisionText({ approval, decision }: Decision) {
  const { unit, policy, whose, until } = approval;
  return (
    <>
      <p>
        <Name text={askerOf(approval)} /> asks for {amountText(unit, amountOf(approval))} more at {policy}, for{' '}
        <Name text={whose.useCaseName} />.
      </p>
      {decision === 'approve' ? (
        <p>
          The limit gets room for it, once, until <Time at={until} />.
        </p>
      ) : (
        <p>Calls like this stay refused in this period of the limit.</p>
      )}
    </>
  );
}
