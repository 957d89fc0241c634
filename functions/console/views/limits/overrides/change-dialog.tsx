import { useAction } from '../../../data/use-action.ts';
import { visibleName } from '../../../format/names.ts';
import { FailureNotice } from '../../../parts/failure-notice.tsx';
import { Dialog } from '../../../parts/forms/dialog.tsx';
import type { Policy } from '../load.ts';
import { DifferenceTable } from '../policies/difference-table.tsx';
import { changeOverride, type Override, type OverrideBody } from './override.ts';
import { bodyOfOverride, overrideDifferences } from './override-form.ts';

/** An override that is about to be set; without a `body` it is removed. */
export interface OverrideChange {
  name: string;
  before: Override | undefined;
  body: OverrideBody | undefined;
}

/** What was done, and what takes it back. */
export interface DoneChange {
  said: string;
  undo: OverrideChange;
}

/** What changes, before it is done. */
export function ChangeDialog({
  policy,
  change,
  onBack,
  onClose,
  onDone,
}: {
  policy: Policy;
  change: OverrideChange;
  onBack: () => void;
  onClose: () => void;
  onDone: (done: DoneChange) => void;
}) {
  const { name, before, body } = change;
  const running = bodyOfOverride(before);
  const differences = overrideDifferences(policy, name, running, body);
  const [verb, past] = !body ? ['Remove', 'Removed'] : before ? ['Change', 'Changed'] : ['Set', 'Set'];
  const save = useAction(async () => {
    const now = await changeOverride(policy.name, change);
    onDone({
      said: `${past} the maximum of ${visibleName(name)}.`,
      undo: { name: now?.name ?? name, before: now, body: running },
    });
  });
  return (
    <Dialog title={`${verb} the maximum of ${visibleName(name)}`} onClose={onClose}>
      <div class="body">
        <DifferenceTable differences={differences} />
        {save.failure && <FailureNotice failure={save.failure} />}
      </div>
      <footer>
        <button type="button" onClick={onBack}>
          Back
        </button>
        <button
          type="button"
          class={body ? 'main' : 'danger'}
          disabled={save.isRunning || (body !== undefined && differences.length === 0)}
          onClick={() => void save.run()}
        >
          {verb}
        </button>
      </footer>
    </Dialog>
  );
}
