import { useState } from 'preact/hooks';
import { request } from '../../../data/client.ts';
import { useAction } from '../../../data/use-action.ts';
import { FailureNotice } from '../../../parts/failure-notice.tsx';
import { Dialog } from '../../../parts/forms/dialog.tsx';
import type { Policy } from '../load.ts';
import { differencesOf } from './difference.ts';
import { DifferenceTable } from './difference-table.tsx';
import { PolicyFields } from './policy-fields.tsx';
import { emptyPolicy, policyOf, updateOf } from './policy-form.ts';

/** Creates a policy, or changes one. What would change is shown before it is done. */
export function PolicyDialog({
  policy,
  etag,
  onClose,
  onDone,
}: {
  /** Absent: a new one. */
  policy: Policy | undefined;
  /** Of the policy as it was read. */
  etag: string | undefined;
  onClose: () => void;
  onDone: (said: string) => void;
}) {
  const [drafted, setDrafted] = useState<Policy>();
  const [isShown, setShown] = useState(false);
  const before = policy ?? emptyPolicy;
  const draft = drafted ?? before;
  const differences = differencesOf(policy ?? null, draft);
  const save = useAction(async () => {
    if (policy)
      await request('PUT /api/limits/{id}', {
        params: { id: policy.name },
        body: updateOf(policy, draft),
        headers: { 'if-match': etag ?? '' },
      });
    else await request('POST /api/limits', { body: draft });
    onDone(policy ? `Changed ${draft.name}.` : `Created ${draft.name}.`);
  });

  return (
    <Dialog title={policy ? `Change ${policy.name}` : 'New policy'} onClose={onClose}>
      {isShown ? (
        <>
          <div class="body">
            <DifferenceTable differences={differences} />
            {save.failure && <FailureNotice failure={save.failure} />}
          </div>
          <footer>
            <button type="button" onClick={() => setShown(false)}>
              Back
            </button>
            <button
              type="button"
              class="main"
              disabled={save.isRunning || differences.length === 0}
              onClick={() => void save.run()}
            >
              {policy ? 'Change' : 'Create'}
            </button>
          </footer>
        </>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setDrafted(policyOf(new FormData(event.currentTarget), before));
            setShown(true);
          }}
        >
          <div class="body fields">
            <PolicyFields policy={draft} before={policy} />
          </div>
          <footer>
            <button type="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" class="main">
              Show the difference
            </button>
          </footer>
        </form>
      )}
    </Dialog>
  );
}
