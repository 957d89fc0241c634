import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { useIsAdmin } from '../../data/session.ts';
import { useAction } from '../../data/use-action.ts';
import { useData } from '../../data/use-data.ts';
import { money } from '../../format/money.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Confirm } from '../../parts/forms/confirm.tsx';
import { Dialog } from '../../parts/forms/dialog.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { Name } from '../../parts/name.tsx';
import { Time } from '../../parts/time.tsx';
import { Usd } from '../../parts/usd.tsx';
import { StateBadge } from './gauge.tsx';
import type { Limit } from './load.ts';

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
  const limit = data && 'spentUsd' in data ? data : undefined;
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
          <Usd value={limit.spentUsd} /> of {money(limit.maxUsd)} are spent. After the reset nothing is.
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
        {limit && isAdmin && limit.abandonedUsd > 0 && <Correction limit={limit} onDone={onDone} />}
        {data && 'changes' in data && data.changes && data.changes.length > 0 && (
          <>
            <h3>Changes</h3>
            <ul class="plain">
              {data.changes.map(({ what, changedBy, changedAt, from, to }) => (
                <li key={changedAt}>
                  {what} by <Name text={changedBy} /> on <Time at={changedAt} />: {money(from.spentUsd)} →{' '}
                  {money(to.spentUsd)}
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
      <dt>Maximum</dt>
      <dd>{money(limit.maxUsd)}</dd>
      <dt>Spent</dt>
      <dd>
        <Usd value={limit.spentUsd} />
      </dd>
      <dt>In flight</dt>
      <dd>
        <Usd value={limit.heldUsd} />
      </dd>
      <dt>Set aside</dt>
      <dd>
        <Usd value={limit.setAsideUsd} />
      </dd>
      <dt>Left</dt>
      <dd>
        <Usd value={limit.leftUsd} />
      </dd>
      <dt>At Pay-i</dt>
      <dd>
        <Usd value={limit.payi.spentUsd} />{' '}
        {limit.payi.asOf && (
          <>
            , as of <Time at={limit.payi.asOf} />
          </>
        )}
      </dd>
      {limit.refused && (
        <>
          <dt>Refused</dt>
          <dd>
            a call that needed <Usd value={limit.refused.neededUsd} />, first <Time at={limit.refused.at} />
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
  const correct = useAction(async (actualUsd: number) => {
    await request('POST /api/limits/{id}/correct', {
      params: { id: limit.limitId },
      body: { abandonedUsd: limit.abandonedUsd, actualUsd },
    });
    onDone(`Corrected ${limit.limitId}.`);
  });
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void correct.run(Number(new FormData(event.currentTarget).get('actualUsd')));
      }}
    >
      <p>
        <Usd value={limit.abandonedUsd} /> are booked for calls whose process died. If you know what they cost, correct
        it.
      </p>
      <Field
        label="They cost, in USD"
        name="actualUsd"
        type="number"
        min="0"
        max={limit.abandonedUsd}
        step="any"
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
