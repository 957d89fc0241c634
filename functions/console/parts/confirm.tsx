import type { ComponentChildren } from 'preact';
import { useAction } from '../data/use-action.ts';
import { Dialog } from './dialog.tsx';
import { FailureNotice } from './failure-notice.tsx';

/** Asks before something is changed that can't be taken back by closing a box. */
export function Confirm({
  title,
  verb,
  act,
  onClose,
  children,
}: {
  title: string;
  /** What the button says, such as `Delete`. */
  verb: string;
  act: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const action = useAction(async () => {
    await act();
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="body">
        {children}
        {action.failure && <FailureNotice failure={action.failure} />}
      </div>
      <footer>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="danger" disabled={action.isRunning} onClick={() => void action.run()}>
          {verb}
        </button>
      </footer>
    </Dialog>
  );
}
