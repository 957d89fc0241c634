import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { useIsAdmin } from '../../data/session.ts';
import { useAction } from '../../data/use-action.ts';
import { useData } from '../../data/use-data.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Confirm } from '../../parts/forms/confirm.tsx';
import { Dialog } from '../../parts/forms/dialog.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { Name } from '../../parts/name.tsx';
import { Time } from '../../parts/time.tsx';
import { Usd } from '../../parts/usd.tsx';
import { Amount } from './amount.tsx';
import { StateBadge } from './gauge.tsx';
import { amountText, isFull, type Limit, unitWords, withFigures } from './limit-figures.ts';
import { whoseText } from './limit-title.ts';

/** One limit: its figures, what admins changed, and what they can do. */
export function LimitDialog({
  limitId,
  onClose,
  onDone,
}: {
  limitId: string;
  onClose: () => void;
  onDone: (said: string) => void;
}) {
  const isAdmin = useIsAdmin();
  const loaded = useData(`limit ${limitId}`, (signal) =>
    request('GET /api/limits/{id}', { params: { id: limitId }, signal }),
  );
  const [isResetting, setResetting] = useState(false);
  const { data, failure } = loaded;
  const limit = data && isFull(data) ? withFigures(data) : undefined;
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
        {limit && <LimitFigures limit={limit} />}
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
        {limit && isAdmin && limit.window === 'none' && (
          <button type="button" class="danger" onClick={() => setResetting(true)}>
            Reset …
          </button>
        )}
      </footer>
    </Dialog>
  );
}

function LimitFigures({ limit }: { limit: Limit }) {
  return (
    <dl class="pairs">
      <dt>Whose</dt>
      <dd>
        <Name text={whoseText(limit)} none={limit.scope === 'global' ? 'all calls' : 'not known yet'} />
      </dd>
      <dt>Maximum</dt>
      <dd>{amountText(limit.unit, limit.max)}</dd>
      <dt>Spent</dt>
      <dd>
        <Amount unit={limit.unit} value={limit.spent} />
      </dd>
      <dt>In flight</dt>
      <dd>
        <Amount unit={limit.unit} value={limit.held} />
      </dd>
      <dt>Set aside</dt>
      <dd>
        <Amount unit={limit.unit} value={limit.setAside} />
      </dd>
      <dt>Left</dt>
      <dd>
        <Amount unit={limit.unit} value={limit.left} />
      </dd>
      {limit.payi && (
        <>
          <dt>At Pay-i</dt>
          <dd>
            <Usd value={limit.payi.spentUsd} />{' '}
            {limit.payi.asOf && (
              <>
                , as of <Time at={limit.payi.asOf} />
              </>
            )}
          </dd>
        </>
      )}
      {limit.forecast?.exhaustedAt.likely && (
        <>
          <dt>Exhausted</dt>
          <dd>
            about <Time at={limit.forecast.exhaustedAt.likely} /> if calls go on as they do
          </dd>
        </>
      )}
      {limit.refused && (
        <>
          <dt>Refused</dt>
          <dd>
            a call that needed <Amount unit={limit.unit} value={limit.refused.needed} />, first{' '}
            <Time at={limit.refused.at} />
          </dd>
        </>
      )}
      <dt>Resets</dt>
      <dd>{limit.resetsAt ? <Time at={limit.resetsAt} /> : 'when an admin resets it'}</dd>
    </dl>
  );
}

/** Calls whose process died are booked at what they held, until somebody knows what they cost. */
function Correction({ limit, onDone }: { limit: Limit; onDone: (said: string) => void }) {
  const { unit, abandoned } = limit;
  const correct = useAction(async (actual: number) => {
    await request('POST /api/limits/{id}/correct', {
      params: { id: limit.limitId },
      body: unit === 'usd' ? { abandonedUsd: abandoned, actualUsd: actual } : { abandoned, actual },
    });
    onDone(`Corrected ${limit.limitId}.`);
  });
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void correct.run(Number(new FormData(event.currentTarget).get('actual')));
      }}
    >
      <p>
        <Amount unit={unit} value={abandoned} /> are booked for calls whose process died. If you know what they cost,
        correct it.
      </p>
      <Field
        label={`They took, in ${unitWords(unit)}`}
        name="actual"
        type="number"
        min="0"
        max={abandoned}
        step={unit === 'usd' ? 'any' : '1'}
        value="0"
        required
      />
      {correct.failure && <FailureNotice failure={correct.failure} />}
      <button type="submit" disabled={correct.isRunning}>
        Correct
      </button>
    </form>
  );
}

type Figures = { unit: 'usd'; spentUsd: number } | { unit: Exclude<Limit['unit'], 'usd'>; spent: number };

const spentText = (figures: Figures): string =>
  amountText(figures.unit, 'spentUsd' in figures ? figures.spentUsd : figures.spent);
