import type { Loaded } from '../../data/use-data.ts';
import { count } from '../../format/numbers.ts';
import { countColumn, nameColumn } from '../../parts/columns.tsx';
import { Figure } from '../../parts/figure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import type { Waiting, WaitingGroup } from './load.ts';
import { type DeliveredFigures, stagesOf } from './stages.ts';

/** How many events are where on their way to Pay-i. */
export const Stages = ({
  waiting,
  delivered,
}: {
  waiting: Waiting | undefined;
  delivered: DeliveredFigures | undefined;
}) => (
  <dl class="figures six">
    {stagesOf(waiting, delivered).map(({ place, name, note, events, since }) => (
      <Figure
        key={place}
        name={name}
        note={
          since ? (
            <>
              the oldest <Time at={since} isRelative />
            </>
          ) : (
            note
          )
        }
      >
        {events !== undefined && count(events)}
      </Figure>
    ))}
  </dl>
);

/** What waits, where, since when and why. */
export const WaitingPanel = ({ loaded }: { loaded: Loaded<Waiting> }) => (
  <Panel
    title="On their way"
    loaded={loaded}
    isEmpty={({ groups }) => groups.length === 0}
    empty="Nothing waits: every event is at Pay-i."
  >
    {({ groups, complete }) => (
      <Table
        caption="Events that wait"
        columns={columns}
        rows={groups}
        keyOf={({ place, kind, useCaseName, why }) => JSON.stringify([place, kind, useCaseName, why])}
        more={!complete && <p>There are more events than were looked at.</p>}
      />
    )}
  </Panel>
);

const placeNames: Record<WaitingGroup['place'], string> = {
  outbox: 'outbox',
  queue: 'queue',
  retry: 'put off',
  deadLetters: 'dead letters',
};

const columns: Column<WaitingGroup>[] = [
  { title: 'where', value: ({ place }) => placeNames[place] },
  { title: 'kind', value: ({ kind }) => (kind === 'kpi' ? 'score' : kind) },
  nameColumn('use case', ({ useCaseName }) => useCaseName),
  { title: 'why', value: ({ why }) => why, show: ({ why }) => (why ? <code>{why}</code> : '–') },
  countColumn('events', ({ events }) => events),
  { title: 'since', value: ({ since }) => since, show: ({ since }) => <Time at={since} isRelative /> },
];
