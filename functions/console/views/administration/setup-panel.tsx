import { useState } from 'preact/hooks';
import { request } from '../../data/client.ts';
import type { AnswerOf } from '../../data/routes.ts';
import { useAction } from '../../data/use-action.ts';
import { useData } from '../../data/use-data.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { nameColumn } from '../../parts/columns.tsx';
import { FailureNotice } from '../../parts/failure-notice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { type SetupRow, setupRows } from './setup-rows.ts';

type Setup = AnswerOf<'GET /api/admin/payi-setup'>;

/** Use cases, KPIs and limits at Pay-i: what a set-up would change there, and the set-up itself. */
export function SetupPanel() {
  const loaded = useData('payi-setup', (signal) => request('GET /api/admin/payi-setup', { signal }));
  const [done, setDone] = useState<Setup['dryRun']>();
  const setUp = useAction(async () => {
    setDone(await request('POST /api/admin/payi-setup', {}));
    loaded.reload();
  });
  const changes = loaded.data ? setupRows(loaded.data.dryRun).filter(({ result }) => result !== 'exists').length : 0;
  return (
    <>
      <Panel
        title="Set-up at Pay-i"
        loaded={loaded}
        controls={
          <button type="button" disabled={setUp.isRunning || changes === 0} onClick={() => void setUp.run()}>
            {setUp.isRunning ? 'Setting up …' : 'Set up'}
          </button>
        }
      >
        {({ dryRun }) => (
          <>
            <p class="inset">
              {changes === 0 ? 'Everything at Pay-i is as it is declared.' : `${changes} would be changed.`}
            </p>
            <SetupTable caption="What a set-up would do" rows={setupRows(dryRun)} />
          </>
        )}
      </Panel>
      {setUp.failure && <FailureNotice failure={setUp.failure} />}
      {done && (
        <section class="panel" aria-label="What was set up">
          <SetupTable caption="What was set up" rows={setupRows(done)} />
        </section>
      )}
    </>
  );
}

const SetupTable = ({ caption, rows }: { caption: string; rows: readonly SetupRow[] }) => (
  <Table caption={caption} columns={columns} rows={rows} keyOf={({ kind, name }) => `${kind} ${name}`} />
);

const tones: Record<SetupRow['result'], Tone> = { exists: 'quiet', created: 'good', updated: 'warn', failed: 'bad' };

const columns: Column<SetupRow>[] = [
  { title: 'kind', value: ({ kind }) => kind },
  nameColumn('name', ({ name }) => name),
  {
    title: 'result',
    value: ({ result }) => result,
    show: ({ result }) => <Badge tone={tones[result]}>{result}</Badge>,
  },
  { title: 'what', value: ({ what }) => what, show: ({ what }) => <span class="wrap">{what}</span> },
];
