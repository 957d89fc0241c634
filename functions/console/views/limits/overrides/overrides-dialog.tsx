import { useState } from 'preact/hooks';
import { useData } from '../../../data/use-data.ts';
import { FailureNotice } from '../../../parts/failure-notice.tsx';
import { Dialog } from '../../../parts/forms/dialog.tsx';
import { ChangeDialog, type DoneChange, type OverrideChange } from './change-dialog.tsx';
import { DraftDialog } from './draft-dialog.tsx';
import { loadOverrides } from './override.ts';
import type { Draft } from './override-fields.tsx';
import { OverrideTable } from './override-table.tsx';

const DAY_MS = 86_400_000;

/** The other maxima that a policy has for some users, accounts and so on: lists, sets, removes them, and takes the last change back. */
export function OverridesDialog({
  policyName,
  forName,
  onClose,
  onChanged,
}: {
  policyName: string;
  /** Begins with the form for this user, account and so on. */
  forName: string | undefined;
  onClose: () => void;
  onChanged: () => void;
}) {
  const { data, failure, reload } = useData(`overrides ${policyName}`, (signal) => loadOverrides(policyName, signal));
  const [draft, setDraft] = useState<Draft | undefined>(() => (forName ? newDraft(forName) : undefined));
  const [change, setChange] = useState<OverrideChange>();
  const [done, setDone] = useState<DoneChange>();
  const policy = data?.policy;

  if (policy && change)
    return (
      <ChangeDialog
        policy={policy}
        change={change}
        onBack={() => setChange(undefined)}
        onClose={onClose}
        onDone={(what) => {
          setDone(what);
          setChange(undefined);
          setDraft(undefined);
          reload();
          onChanged();
        }}
      />
    );
  if (policy && draft)
    return (
      <DraftDialog
        policy={policy}
        draft={draft}
        onBack={() => setDraft(undefined)}
        onClose={onClose}
        onChange={(next, filledIn) => {
          setDraft(filledIn);
          setChange(next);
        }}
      />
    );
  return (
    <Dialog title={`Other maxima of ${policyName}`} onClose={onClose}>
      <div class="body">
        {done && (
          <p class="said">
            <span role="status">{done.said}</span>{' '}
            {(done.undo.before || done.undo.body) && (
              <button type="button" class="quiet" onClick={() => setChange(done.undo)}>
                Undo …
              </button>
            )}
          </p>
        )}
        {failure && <FailureNotice failure={failure} retry={reload} />}
        {!data && !failure && <p class="waiting">Loading …</p>}
        {data && !policy && <p class="empty">This policy is deleted.</p>}
        {data?.overrides.length === 0 && <p class="empty">Everybody has the maximum of the policy.</p>}
        {policy && data.overrides.length > 0 && (
          <OverrideTable
            policy={policy}
            overrides={data.overrides}
            onChange={({ name, maxUsd, max, until }) => setDraft({ name, maximum: maxUsd ?? max, until })}
            onRemove={(before) => setChange({ name: before.name, before, body: undefined })}
          />
        )}
      </div>
      <footer>
        <button type="button" onClick={onClose}>
          Close
        </button>
        {policy && (
          <button type="button" class="main" onClick={() => setDraft(newDraft(''))}>
            Another maximum …
          </button>
        )}
      </footer>
    </Dialog>
  );
}

/** For a day, unless somebody says otherwise. */
const newDraft = (name: string): Draft => ({
  name,
  maximum: undefined,
  until: new Date(Date.now() + DAY_MS).toISOString(),
});
