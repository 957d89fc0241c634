import { useState } from 'preact/hooks';
import { count } from '../../format/numbers.ts';
import { nameColumn } from '../../parts/columns.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import type { DeadLetter } from './load.ts';

/** The most that one request takes. */
const MOST = 1_000;

/** Dead letters, of which some or all can be chosen. */
export function LetterTable({
  letters,
  canAct,
  onShow,
  onReplay,
  onDiscard,
}: {
  letters: readonly DeadLetter[];
  canAct: boolean;
  onShow: (letter: DeadLetter) => void;
  onReplay: (letters: DeadLetter[]) => void;
  onDiscard: (letters: DeadLetter[]) => void;
}) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const chosen = letters.filter(({ id }) => ids.has(id)).slice(0, MOST);
  const toggle = (id: string) => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setIds(next);
  };
  const choice: Column<DeadLetter> = {
    title: 'chosen',
    value: ({ id }) => ids.has(id),
    show: ({ id }) => (
      <input type="checkbox" aria-label={`Choose ${id}`} checked={ids.has(id)} onChange={() => toggle(id)} />
    ),
  };
  return (
    <>
      {canAct && (
        <div class="bar">
          <button
            type="button"
            onClick={() => setIds(new Set(chosen.length === letters.length ? [] : letters.map(({ id }) => id)))}
          >
            {chosen.length === letters.length ? 'Choose none' : 'Choose all'}
          </button>
          <span class="muted">{count(chosen.length)} chosen</span>
          <button type="button" class="main" disabled={chosen.length === 0} onClick={() => onReplay(chosen)}>
            Replay
          </button>
          <button type="button" class="danger" disabled={chosen.length === 0} onClick={() => onDiscard(chosen)}>
            Discard …
          </button>
        </div>
      )}
      <Table
        caption="Dead letters"
        columns={canAct ? [choice, ...columns] : columns}
        rows={letters}
        keyOf={({ id }) => id}
        order={{ title: 'when', down: true }}
        actions={(letter) => (
          <button type="button" class="quiet" aria-label={`Show ${letter.id}`} onClick={() => onShow(letter)}>
            Show
          </button>
        )}
      />
    </>
  );
}

const columns: Column<DeadLetter>[] = [
  { title: 'when', value: ({ atMs }) => new Date(atMs).toISOString(), show: ({ atMs }) => <Time at={atMs} /> },
  { title: 'code', value: ({ code }) => code, show: ({ code }) => <code>{code}</code> },
  nameColumn('reason', ({ reason }) => reason),
  {
    title: 'use case',
    value: ({ outgoing }) => outgoing?.event.useCase.name,
    show: ({ outgoing }) => <Name text={outgoing?.event.useCase.name} />,
  },
  nameColumn('id', ({ id }) => id),
];
