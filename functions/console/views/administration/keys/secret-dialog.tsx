import { useState } from 'preact/hooks';
import { Dialog } from '../../../parts/forms/dialog.tsx';

/** Shows a new key. The app keeps only its hash, so this is the only time. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const [said, setSaid] = useState('');
  return (
    <Dialog title="The access key" onClose={onClose}>
      <div class="body">
        <p>Copy it now: it is not shown again.</p>
        <p>
          <code>{secret}</code>
        </p>
        <p role="status" class="muted">
          {said}
        </p>
      </div>
      <footer>
        <button
          type="button"
          onClick={() =>
            navigator.clipboard.writeText(secret).then(
              () => setSaid('Copied.'),
              () => setSaid('The browser does not allow copying. Mark the key and copy it.'),
            )
          }
        >
          Copy
        </button>
        <button type="button" class="main" onClick={onClose}>
          Done
        </button>
      </footer>
    </Dialog>
  );
}
