import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { useIsAdmin } from '../../data/session.ts';
import { useAction } from '../../data/use-action.ts';
import { useData } from '../../data/use-data.ts';
import { useQuery } from '../../data/use-place.ts';
import type { View } from '../../data/view.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Confirm } from '../../parts/forms/confirm.tsx';
import { Panel } from '../../parts/panel.tsx';
import { AlertsPanel } from './alerts/alerts-panel.tsx';
import { ApprovalsPanel } from './approvals/approvals-panel.tsx';
import { LimitDialog } from './limit-dialog.tsx';
import { LimitList } from './limit-list.tsx';
import { loadLimits, type Policy, type PolicyChange } from './load.ts';
import { OverridesDialog } from './overrides/overrides-dialog.tsx';
import { ChangeTable } from './policies/change-table.tsx';
import { differencesOf } from './policies/difference.ts';
import { DifferenceTable } from './policies/difference-table.tsx';
import { PolicyDialog } from './policies/policy-dialog.tsx';
import { PolicyTable } from './policies/policy-table.tsx';
import { ResetPolicy } from './policies/reset-policy.tsx';
import { RefusedTable } from './refused-table.tsx';

const REFRESH_MS = 10_000;

export const limits: View = { name: 'limits', title: 'Limits', access: 'user', Page: Limits };

/** What is open above the view. */
type Open =
  | { what: 'create' }
  | { what: 'change' | 'delete'; policy: Policy; etag: string }
  | { what: 'reset'; policy: Policy }
  | { what: 'undo'; change: PolicyChange };

/** How full each limit is, who was refused, and, for admins, the policies behind. */
function Limits() {
  const isAdmin = useIsAdmin();
  const [query, setQuery] = useQuery();
  const [open, setOpen] = useState<Open>();
  const [said, setSaid] = useState('');
  const loaded = useData('limits', (signal) => loadLimits(isAdmin, Date.now(), signal), REFRESH_MS);
  const { id: limitId, overrides: overridden, for: forName } = query;
  const close = () => setOpen(undefined);
  // As it is now, with the ETag by which no change of another admin is lost.
  const opening = useAction(async (what: 'change' | 'delete', name: string) => {
    const { policy, etag } = await request('GET /api/limit-policies/{name}', { params: { name } });
    if (policy && etag) setOpen({ what, policy, etag });
    else loaded.reload();
  });
  const done = (what: string) => {
    setSaid(what);
    close();
    if (limitId) setQuery({ id: undefined });
    loaded.reload();
  };

  return (
    <>
      <p class="said" role="status">
        {said}
      </p>
      {opening.failure && <FailureNotice failure={opening.failure} />}
      <Panel
        title="Limits"
        loaded={loaded}
        isEmpty={(data) => data.limits.length + data.shared.length === 0}
        empty="There are no limits yet. A policy has its limits from the first call on."
      >
        {(data) => <LimitList limits={data.limits} shared={data.shared} />}
      </Panel>
      {/* After the limits, which would move it. While it loads it is as high as when nobody waits. */}
      {isAdmin && (loaded.data || loaded.failure) && <ApprovalsPanel onDone={done} />}
      {isAdmin && (
        <Panel
          title="Policies"
          loaded={loaded}
          isBelow
          isEmpty={(data) => data.policies.length === 0}
          empty="There are no policies: no call is limited."
          controls={
            <button type="button" onClick={() => setOpen({ what: 'create' })}>
              New policy …
            </button>
          }
        >
          {(data) => (
            <PolicyTable
              policies={data.policies}
              onChange={({ name }) => void opening.run('change', name)}
              onOverride={({ name }) => setQuery({ overrides: name })}
              onReset={(policy) => setOpen({ what: 'reset', policy })}
              onDelete={({ name }) => void opening.run('delete', name)}
            />
          )}
        </Panel>
      )}
      <Panel
        title="Refused in the last 24 hours"
        loaded={loaded}
        isBelow
        isEmpty={(data) => data.refused.length === 0}
        empty="No call was refused."
      >
        {(data) => <RefusedTable rows={data.refused} limits={data.limits} />}
      </Panel>
      {isAdmin && (
        <Panel
          title="Changes"
          loaded={loaded}
          isBelow
          isEmpty={(data) => data.changes.length === 0}
          empty="No policy was changed since the app began to keep them."
        >
          {(data) => <ChangeTable changes={data.changes} onUndo={(change) => setOpen({ what: 'undo', change })} />}
        </Panel>
      )}
      {isAdmin && (loaded.data || loaded.failure) && <AlertsPanel onDone={done} />}
      {limitId && (
        <LimitDialog
          limitId={limitId}
          onClose={() => setQuery({ id: undefined })}
          onRaise={(policy, name) => setQuery({ id: undefined, overrides: policy, for: name })}
          onDone={done}
        />
      )}
      {isAdmin && overridden && (
        <OverridesDialog
          key={overridden}
          policyName={overridden}
          forName={forName}
          onClose={() => setQuery({ overrides: undefined, for: undefined })}
          onChanged={loaded.reload}
        />
      )}
      {open?.what === 'create' && <PolicyDialog policy={undefined} etag={undefined} onClose={close} onDone={done} />}
      {open?.what === 'change' && <PolicyDialog policy={open.policy} etag={open.etag} onClose={close} onDone={done} />}
      {open?.what === 'delete' && (
        <Confirm
          title={`Delete ${open.policy.name}`}
          verb="Delete"
          onClose={close}
          act={async () => {
            await request('DELETE /api/limits/{id}', {
              params: { id: open.policy.name },
              headers: { 'if-match': open.etag },
            });
            done(`Deleted ${open.policy.name}.`);
          }}
        >
          <p>Calls are no longer limited by this policy. What its limits have counted stays.</p>
        </Confirm>
      )}
      {open?.what === 'reset' && <ResetPolicy name={open.policy.name} onClose={close} onDone={done} />}
      {open?.what === 'undo' && (
        <Confirm
          title={`Undo the change of ${open.change.name}`}
          verb="Undo"
          onClose={close}
          act={async () => {
            const { id, name } = open.change;
            await request('POST /api/limit-policies/{name}/undo', { params: { name }, body: { change: id } });
            done(`Took back the last change of ${name}.`);
          }}
        >
          <DifferenceTable differences={differencesOf(open.change.to, open.change.from)} />
        </Confirm>
      )}
    </>
  );
}
