import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import { count } from '../../format/numbers.ts';
import { Badge } from '../../parts/badge.tsx';
import { ButtonPanel } from '../../parts/button-panel.tsx';
import { Choice } from '../../parts/forms/choice.tsx';
import { Name } from '../../parts/name.tsx';
import type { Audit } from './load.ts';

const stateNames: Record<string, string> = {
  outbox: 'Outbox',
  queued: 'Queued',
  waiting: 'Put off',
  ingested: 'At Pay-i',
  deadLettered: 'Dead letters',
  discarded: 'Discarded',
};
/** More are in the answer of `npm run audit`. */
const MOST = 20;

/** Counts every event of the last days, at a button: it reads whole tables. */
export function AuditPanel() {
  const [days, setDays] = useState('7');
  return (
    <ButtonPanel
      title="Audit"
      button="Count"
      running="Counting …"
      empty="Is every event in exactly one state?"
      controls={<Choice label="Of the last" value={days} options={spans} onChange={setDays} />}
      load={() => request('GET /api/admin/audit', { query: { days: Number(days) } })}
    >
      {(audit) => <Result audit={audit} />}
    </ButtonPanel>
  );
}

function Result({ audit: { ok, states, missing, doubled } }: { audit: Audit }) {
  return (
    <>
      <p>
        <Badge tone={ok ? 'good' : 'bad'}>{ok ? 'every event is in one state' : 'the books do not agree'}</Badge>
      </p>
      <dl class="pairs">
        {Object.entries(states).map(([state, events]) => (
          <>
            <dt key={state}>{stateNames[state] ?? state}</dt>
            <dd>{count(events ?? 0)}</dd>
          </>
        ))}
        <dt>In none</dt>
        <dd>{count(missing.length)}</dd>
        <dt>In two</dt>
        <dd>{count(doubled.length)}</dd>
      </dl>
      {[...missing, ...doubled.map(({ eventId }) => eventId)].slice(0, MOST).map((id) => (
        <p key={id}>
          <Name text={id} />
        </p>
      ))}
    </>
  );
}

const spans = [
  ['1', 'day'],
  ['7', '7 days'],
  ['30', '30 days'],
] as const satisfies readonly (readonly [string, string])[];
