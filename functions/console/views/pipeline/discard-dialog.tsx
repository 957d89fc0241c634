import { request } from '../../data/client.ts';
import { useAction } from '../../data/use-action.ts';
import { count } from '../../format/numbers.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Dialog } from '../../parts/forms/dialog.tsx';
import { Field } from '../../parts/forms/field.tsx';
import type { DeadLetter } from './load.ts';

/** Asks why dead letters are not wanted; the reason is kept with them. */
export function DiscardDialog({
  letters,
  onClose,
  onDone,
}: {
  letters: readonly DeadLetter[];
  onClose: () => void;
  onDone: (said: string) => void;
}) {
  const discard = useAction(async (reason: string) => {
    const { letters: done } = await request('POST /api/admin/dead-letters/discard', {
      body: { ids: letters.map(({ id }) => id), reason },
    });
    onDone(`Discarded ${count(done.length)}.`);
  });
  return (
    <Dialog title={`Discard ${count(letters.length)}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void discard.run(String(new FormData(event.currentTarget).get('reason')));
        }}
      >
        <div class="body">
          <p>Their calls are never reported to Pay-i. They are kept with your reason until the retention ends.</p>
          <Field label="Reason" name="reason" required maxLength={500} />
          {discard.failure && <FailureNotice failure={discard.failure} />}
        </div>
        <footer>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="danger" disabled={discard.isRunning}>
            Discard
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
