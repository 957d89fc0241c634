import { useMemo, useRef, useState } from 'preact/hooks';
import { useData } from '../../data/use-data.ts';
import { useQuery } from '../../data/use-place.ts';
import type { View } from '../../data/view.ts';
import { Choice } from '../../parts/forms/choice.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Figures } from './figures.tsx';
import { FilterBar } from './filter-bar.tsx';
import { GroupTable } from './group-table.tsx';
import { dimensionsOf, filtersOf, type Grouping, groupingNamed, groupingsOf, wordOf } from './groupings.ts';
import { loadOverview, type WasDivided } from './load.ts';
import { type Range, type RangeName, rangeOf, ranges } from './range.ts';
import { SpendChart } from './spend-chart.tsx';
import { UnitTable } from './unit-table.tsx';

const REFRESH_MS = 30_000;

export const overview: View = { name: 'overview', title: 'Overview', access: 'user', Page: Overview };

/** What calls cost: now, this month, over time and by group. */
function Overview() {
  const [query, setQuery] = useQuery();
  const groupBy = groupingNamed(query['by']);
  const filters = filtersOf(query);
  const wasDivided = useRef<WasDivided>(new Map());
  const [asked, setAsked] = useState<{ range: Range; now: number }>();
  const key = JSON.stringify([query['range'], query['from'], query['to'], groupBy, filters]);
  const loaded = useData(
    key,
    async (signal) => {
      const now = Date.now();
      const range = rangeOf(query, now);
      const data = await loadOverview({ range, groupBy, filters, now }, wasDivided.current, signal);
      setAsked({ range, now });
      return data;
    },
    REFRESH_MS,
  );
  const range = useMemo(() => asked?.range ?? rangeOf(query, Date.now()), [asked, query]);
  // Also before an answer says which properties there are.
  const groupings = groupingsOf([...new Set([...(loaded.data?.dimensions ?? []), groupBy])]);

  return (
    <>
      <FilterBar filters={filters} onRemove={(name) => setQuery({ [name]: undefined })} />
      <Figures data={loaded.data} range={range} now={asked?.now ?? Date.now()} />
      <Panel
        title="Spending"
        loaded={loaded}
        controls={
          <>
            <Choice
              label="Time"
              value={rangeOf(query, Date.now()).name}
              options={query['from'] ? [['custom', 'Marked time'], ...ranges] : ranges}
              onChange={(name: RangeName | 'custom') => setQuery({ range: name, from: undefined, to: undefined })}
            />
            <Choice label="By" value={groupBy} options={groupings} onChange={(by: Grouping) => setQuery({ by })} />
          </>
        }
      >
        {(data) => (
          <SpendChart
            data={data}
            range={range}
            dimensions={dimensionsOf(groupBy)}
            onZoom={(from, to) =>
              setQuery({ from: new Date(from * 1_000).toISOString(), to: new Date(to * 1_000).toISOString() })
            }
          />
        )}
      </Panel>
      <Panel
        title={`By ${wordOf(groupBy)}`}
        loaded={loaded}
        isBelow
        isEmpty={({ groups }) => groups.length === 0}
        empty="There are no calls in this time. Each call of a feature or gateway shows here within seconds."
      >
        {(data) => (
          <GroupTable data={data} dimensions={dimensionsOf(groupBy)} onFilter={(chosen) => setQuery(chosen)} />
        )}
      </Panel>
      <Panel
        title="Tokens by kind"
        loaded={loaded}
        isBelow
        isEmpty={({ times }) => times.every(({ units }) => Object.keys(units).length === 0)}
        empty="No call used any."
      >
        {({ times }) => <UnitTable rows={times} />}
      </Panel>
    </>
  );
}
