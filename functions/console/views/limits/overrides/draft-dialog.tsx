import { useAction } from '../../../data/use-action.ts';
import { FailureNotice } from '../../../parts/failure-notice.tsx';
import { Dialog } from '../../../parts/forms/dialog.tsx';
import type { Policy } from '../load.ts';
import type { OverrideChange } from './change-dialog.tsx';
import { findOverride } from './override.ts';
import { type Draft, OverrideFields } from './override-fields.tsx';
import { bodyOf } from './override-form.ts';

/** The form of an override. What it would change is shown next. */
export function DraftDialog({
  policy,
  draft,
  onBack,
  onClose,
  onChange,
}: {
  policy: Policy;
  draft: Draft;
  onBack: () => void;
  onClose: () => void;
  /** @param draft what was filled in, for coming back to it */
  onChange: (change: OverrideChange, draft: Draft) => void;
}) {
  const find = useAction(async (form: FormData) => {
    const name = String(form.get('name')).trim();
    const body = bodyOf(form, policy);
    const before = await findOverride(policy.name, name);
    onChange(
      { name: before?.name ?? name, before, body },
      { name, maximum: body.maxUsd ?? body.max, until: body.until },
    );
  });
  return (
    <Dialog title={`Another maximum of ${policy.name}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void find.run(new FormData(event.currentTarget));
        }}
      >
        <div class="body fields">
          <OverrideFields policy={policy} draft={draft} />
          {find.failure && <FailureNotice failure={find.failure} />}
        </div>
        <footer>
          <button type="button" onClick={onBack}>
            Back
          </button>
          <button type="submit" class="main" disabled={find.isRunning}>
            Show the difference
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
