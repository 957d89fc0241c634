import { useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { useAction } from '../../data/use-action.ts';
import { useData } from '../../data/use-data.ts';
import { useQuery } from '../../data/use-place.ts';
import { count } from '../../format/numbers.ts';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Choice } from '../../parts/forms/choice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { DiscardDialog } from './discard-dialog.tsx';
import { LetterDialog } from './letter-dialog.tsx';
import { LetterTable } from './letter-table.tsx';
import type { DeadLetter, DeadLetterState } from './load.ts';

/** Events that were given up, and what can be done with them. */
export function LettersPanel({
  waitingLetters,
  onDone,
}: {
  /** How many there are now: they are loaded again when that changes. */
  waitingLetters: number | undefined;
  onDone: (said: string) => void;
}) {
  const [query, setQuery] = useQuery();
  const state = states.find(([name]) => name === query['state'])?.[0] ?? 'dead';
  const [discarded, setDiscarded] = useState<DeadLetter[]>();
  const loaded = useData(`dead-letters ${state}`, (signal) =>
    request('GET /api/admin/dead-letters', { query: { state }, signal }),
  );
  const { reload } = loaded;
  const loadedLetters = state === 'dead' ? loaded.data?.letters.length : 0;
  const known = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (waitingLetters === undefined || loadedLetters === undefined || waitingLetters === known.current) return;
    // The first number comes with the letters themselves, and is mostly theirs.
    if ((known.current ?? loadedLetters) !== waitingLetters) reload();
    known.current = waitingLetters;
  }, [waitingLetters, loadedLetters, reload]);
  const shown = loaded.data?.letters.find(({ id }) => id === query['letter']);
  const finish = (said: string) => {
    setDiscarded(undefined);
    setQuery({ letter: undefined });
    loaded.reload();
    onDone(said);
  };
  const replay = useAction(async (letters: readonly DeadLetter[]) => {
    const { letters: sent, skipped } = await request('POST /api/admin/dead-letters/replay', {
      body: { ids: letters.map(({ id }) => id) },
    });
    finish(`Sent ${count(sent.length)} again${skipped > 0 ? `; ${count(skipped)} were dealt with already` : ''}.`);
  });

  return (
    <>
      <Panel
        title="Dead letters"
        loaded={loaded}
        isEmpty={({ letters }) => letters.length === 0}
        empty={state === 'dead' ? 'No event was given up.' : 'There are none in this state.'}
        controls={
          <Choice
            label="State"
            value={state}
            options={states}
            onChange={(value: DeadLetterState) => setQuery({ state: value === 'dead' ? undefined : value })}
          />
        }
      >
        {({ letters }) => (
          <LetterTable
            letters={letters}
            canAct={state === 'dead'}
            onShow={({ id }) => setQuery({ letter: id })}
            onReplay={(chosen) => void replay.run(chosen)}
            onDiscard={setDiscarded}
          />
        )}
      </Panel>
      {replay.failure && <FailureNotice failure={replay.failure} />}
      {discarded && <DiscardDialog letters={discarded} onClose={() => setDiscarded(undefined)} onDone={finish} />}
      {shown && !discarded && (
        <LetterDialog
          letter={shown}
          onClose={() => setQuery({ letter: undefined })}
          onReplay={() => void replay.run([shown])}
          onDiscard={() => setDiscarded([shown])}
        />
      )}
    </>
  );
}

const states = [
  ['dead', 'dead'],
  ['replayed', 'replayed'],
  ['delivered', 'delivered'],
  ['discarded', 'discarded'],
] as const;
