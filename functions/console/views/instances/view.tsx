import { useData } from '../../data/use-data.ts';
import { useQuery } from '../../data/use-place.ts';
import type { View } from '../../data/view.ts';
import { Panel } from '../../parts/panel.tsx';
import { FilterForm } from './filter-form.tsx';
import { InstanceTable } from './instance-table.tsx';
import { findInstances } from './load.ts';
import { OneInstance } from './one.tsx';

export const instances: View = { name: 'instances', title: 'Instances', access: 'user', Page: Instances };

/** The runs of a use case, and one of them whole. */
function Instances() {
  const [query, setQuery] = useQuery();
  const { id, useCase } = query;
  if (id && useCase)
    return <OneInstance key={id} useCase={useCase} id={id} onBack={() => setQuery({ id: undefined })} />;
  return <FoundInstances query={query} setQuery={setQuery} />;
}

function FoundInstances({
  query,
  setQuery,
}: {
  query: Readonly<Record<string, string>>;
  setQuery: (change: Readonly<Record<string, string | undefined>>) => void;
}) {
  const loaded = useData(`instances ${JSON.stringify(query)}`, (signal) => findInstances(query, signal));
  return (
    <Panel
      title="Instances"
      loaded={loaded}
      before={
        <FilterForm
          query={query}
          useCases={loaded.data?.useCases ?? []}
          useCase={loaded.data?.useCase}
          onFind={setQuery}
        />
      }
      isEmpty={({ list }) => !list || list.instances.length === 0}
      empty="There is no such instance in this time. Without a time it is the last 30 days."
    >
      {({ list }) =>
        list && (
          <InstanceTable
            list={list}
            onOpen={({ useCaseName, useCaseId }) => setQuery({ useCase: useCaseName, id: useCaseId })}
            onNext={(cursor) => setQuery({ cursor })}
          />
        )
      }
    </Panel>
  );
}
