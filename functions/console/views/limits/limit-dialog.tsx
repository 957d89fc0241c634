import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { useIsAdmin } from '../../data/session.ts';
import { useData } from '../../data/use-data.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Confirm } from '../../parts/forms/confirm.tsx';
import { Dialog } from '../../parts/forms/dialog.tsx';
import { Name } from '../../parts/name.tsx';
import { Time } from '../../parts/time.tsx';
import { Amount } from './amount.tsx';
import { Correction } from './correction.tsx';
import { StateBadge } from './gauge.tsx';
import { LimitFacts } from './limit-facts.tsx';
import { amountText, isFull, type Limit, withFigures } from './limit-figures.ts';
import { holderNameOf } from './overrides/override.ts';

/** One limit: its figures, what admins changed, and what they can do. */
export function LimitDialog({
  limitId,
  onClose,
  onRaise,
  onDone,
}: {
  limitId: string;
  onClose: () => void;
  /** Another maximum is wanted for whom this limit is. */
  onRaise: (policy: string, name: string) => void;
  onDone: (said: string) => void;
}) {
  const isAdmin = useIsAdmin();
  const loaded = useData(`limit ${limitId}`, (signal) =>
    request('GET /api/limits/{id}', { params: { id: limitId }, signal }),
  );
  const [isResetting, setResetting] = useState(false);
  const { data, failure } = loaded;
  const limit = data && isFull(data) ? withFigures(data) : undefined;
  const holder = limit && holderNameOf(limit);
  if (isResetting && limit)
    return (
      <Confirm
        title={`Reset ${limitId}`}
        verb="Reset"
        onClose={() => setResetting(false)}
        act={async () => {
          await request('POST /api/limits/{id}/reset', { params: { id: limitId } });
          onDone(`Reset ${limitId}.`);
        }}
      >
        <p>
          <Amount unit={limit.unit} value={limit.spent} /> of {amountText(limit.unit, limit.max)} are spent. After the
          reset nothing is.
        </p>
      </Confirm>
    );
  return (
    <Dialog title="Limit" onClose={onClose}>
      <div class="body">
        {failure && <FailureNotice failure={failure} retry={loaded.reload} />}
        {!data && !failure && <p class="waiting">Loading …</p>}
        {data && (
          <p>
            <Name text={data.limitId} /> {limit && <StateBadge state={limit.state} />}
          </p>
        )}
        {limit && <LimitFacts limit={limit} />}
        {limit && isAdmin && limit.abandoned > 0 && <Correction limit={limit} onDone={onDone} />}
        {data && 'changes' in data && data.changes && data.changes.length > 0 && (
          <>
            <h3>Changes</h3>
            <ul class="plain">
              {data.changes.map(({ what, changedBy, changedAt, from, to }) => (
                <li key={changedAt}>
                  {what} by <Name text={changedBy} /> on <Time at={changedAt} />: {spentText(from)} → {spentText(to)}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      <footer>
        <button type="button" onClick={onClose}>
          Close
        </button>
        {limit && isAdmin && holder !== undefined && (
          <button type="button" onClick={() => onRaise(limit.policy, holder)}>
            Another maximum …
          </button>
        )}
        {limit && isAdmin && limit.window === 'none' && (
          <button type="button" class="danger" onClick={() => setResetting(true)}>
            Reset …
          </button>
        )}
      </footer>
    </Dialog>
  );
}

type Figures = { unit: 'usd'; spentUsd: number } | { unit: Exclude<Limit['unit'], 'usd'>; spent: number };

const spentText = (figures: Figures): string =>
  amountText(figures.unit, 'spentUsd' in figures ? figures.spentUsd : figures.spent);
