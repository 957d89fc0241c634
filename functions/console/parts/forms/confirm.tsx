import type { ComponentChildren } from 'preact';
import { useAction } from '../../data/use-action.ts';
import { FailureNotice } from '../failure-notice.tsx';
import { Dialog } from './dialog.tsx';

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
  /** Does it; what it shows next takes this box's place. */
  act: () => Promise<void>;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const action = useAction(act);
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
