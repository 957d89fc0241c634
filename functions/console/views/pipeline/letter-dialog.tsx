import { visibleName, visibleText } from '../../format/names.ts';
import { Dialog } from '../../parts/forms/dialog.tsx';
import { Name } from '../../parts/name.tsx';
import { Time } from '../../parts/time.tsx';
import type { DeadLetter } from './load.ts';

/** One dead letter, whole. */
export function LetterDialog({
  letter,
  onClose,
  onReplay,
  onDiscard,
}: {
  letter: DeadLetter;
  onClose: () => void;
  onReplay: () => void;
  onDiscard: () => void;
}) {
  const { id, code, reason, note, atMs, source, state, outgoing, text } = letter;
  return (
    <Dialog title="Dead letter" onClose={onClose}>
      <div class="body">
        <dl class="pairs">
          <dt>Event</dt>
          <dd>
            <Name text={id} />
          </dd>
          <dt>State</dt>
          <dd>{state}</dd>
          <dt>Given up</dt>
          <dd>
            <Time at={atMs} /> by {source === 'ingest' ? 'the app' : 'the queue'}
          </dd>
          <dt>Code</dt>
          <dd>
            <code>{code}</code>
          </dd>
          <dt>Reason</dt>
          <dd>{visibleName(reason)}</dd>
          {note && (
            <>
              <dt>Note</dt>
              <dd>{visibleName(note)}</dd>
            </>
          )}
        </dl>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
        <pre class="whole" tabIndex={0}>
          {visibleText(outgoing ? JSON.stringify(outgoing, undefined, 2) : (text ?? ''))}
        </pre>
      </div>
      <footer>
        <button type="button" onClick={onClose}>
          Close
        </button>
        {state === 'dead' && (
          <>
            <button type="button" class="danger" onClick={onDiscard}>
              Discard …
            </button>
            <button type="button" class="main" onClick={onReplay}>
              Replay
            </button>
          </>
        )}
      </footer>
    </Dialog>
  );
}
