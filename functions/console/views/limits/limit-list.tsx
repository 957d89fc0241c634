import { count } from '../../format/numbers.ts';
import { Badge } from '../../parts/badge.tsx';
import { nameColumn } from '../../parts/columns.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { Amount } from './amount.tsx';
import { Gauge, StateBadge } from './gauge.tsx';
import { usedShare } from './gauge-parts.ts';
import type { Limit } from './limit-figures.ts';
import { whoseText } from './limit-title.ts';
import type { SharedLimit } from './load.ts';

/** More gauges than these are read in the table. */
const MOST = 12;

/** The fullest limits as gauges, and all of them as a table. */
export function LimitList({ limits, shared }: { limits: readonly Limit[]; shared: readonly SharedLimit[] }) {
  const fullest = [...limits].sort((a, b) => usedShare(b) - usedShare(a)).slice(0, MOST);
  return (
    <>
      <ul class="gauges">
        {fullest.map((limit) => (
          <Gauge key={limit.limitId} limit={limit} />
        ))}
        {shared.map(({ limitId, state }) => (
          <li key={limitId} class="gauge">
            <div class="line">
              <Name text={limitId} />
              <Badge tone={state === 'ok' ? 'good' : 'bad'}>{state === 'ok' ? 'has room' : 'reached'}</Badge>
            </div>
            <p class="muted">Shared with other users.</p>
          </li>
        ))}
      </ul>
      {limits.length > 0 && (
        <details open={limits.length > MOST}>
          <summary>Table of all limits ({count(limits.length)})</summary>
          <Table
            caption="Limits"
            columns={columns}
            rows={limits}
            keyOf={({ limitId }) => limitId}
            order={{ title: 'spent', down: true }}
          />
        </details>
      )}
    </>
  );
}

const amount = (title: string, figureOf: (limit: Limit) => number | null): Column<Limit> => ({
  title,
  value: figureOf,
  show: (limit) => {
    const value = figureOf(limit);
    return value === null ? '–' : <Amount unit={limit.unit} value={value} />;
  },
  isNumber: true,
});

const columns: Column<Limit>[] = [
  nameColumn('limit', ({ limitId }) => limitId),
  { title: 'whose', value: whoseText, show: (limit) => <Name text={whoseText(limit)} none="all" /> },
  { title: 'state', value: ({ state }) => state, show: ({ state }) => <StateBadge state={state} /> },
  amount('maximum', ({ max }) => max),
  amount('spent', ({ spent }) => spent),
  amount('in flight', ({ held }) => held),
  amount('set aside', ({ setAside }) => setAside),
  amount('left', ({ left }) => left),
  amount('threshold', ({ threshold }) => threshold),
  { title: 'type', value: ({ type }) => type },
  {
    title: 'resets',
    value: ({ resetsAt }) => resetsAt,
    show: ({ resetsAt }) => (resetsAt ? <Time at={resetsAt} /> : '–'),
  },
];
