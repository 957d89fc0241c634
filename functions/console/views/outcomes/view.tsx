import { useData } from '../../data/use-data.ts';
import { useQuery } from '../../data/use-place.ts';
import type { View } from '../../data/view.ts';
import { Choice } from '../../parts/forms/choice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ComparisonPanel } from './comparison-panel.tsx';
import { loadOutcomes } from './load.ts';
import { KpiTable, VersionTable } from './tables.tsx';

const REFRESH_MS = 60_000;

export const outcomes: View = { name: 'outcomes', title: 'Outcomes', access: 'user', Page: Outcomes };

/** What instances cost and were worth, versions side by side. */
function Outcomes() {
  const [query, setQuery] = useQuery();
  const days = spans.find(([name]) => name === query['days'])?.[0] ?? '30';
  const loaded = useData(`outcomes ${days}`, (signal) => loadOutcomes(Number(days), Date.now(), signal), REFRESH_MS);
  return (
    <>
      <Panel
        title="Versions"
        loaded={loaded}
        isEmpty={({ rows }) => rows.length === 0}
        empty="There are no instances in this time."
        controls={<Choice label="Time" value={days} options={spans} onChange={(value) => setQuery({ days: value })} />}
      >
        {({ rows }) => <VersionTable rows={rows} />}
      </Panel>
      <Panel
        title="KPIs"
        loaded={loaded}
        isBelow
        isEmpty={({ rows }) => rows.every(({ kpis }) => kpis.length === 0)}
        empty="No score has come in this time."
      >
        {({ rows }) => <KpiTable rows={rows} />}
      </Panel>
      <ComparisonPanel loaded={loaded} />
    </>
  );
}

const spans = [
  ['7', 'Last 7 days'],
  ['30', 'Last 30 days'],
  ['90', 'Last 90 days'],
] as const;
