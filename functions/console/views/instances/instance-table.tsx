import { Badge } from '../../parts/badge.tsx';
import { countColumn, nameColumn, timeColumn, usdColumn } from '../../parts/columns.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { InstanceList, InstanceSummary } from './load.ts';

/** A page of instances, the latest first. */
export function InstanceTable({
  list,
  onOpen,
  onNext,
}: {
  list: InstanceList;
  onOpen: (instance: InstanceSummary) => void;
  onNext: (cursor: string) => void;
}) {
  const { instances, next } = list;
  const id: Column<InstanceSummary> = {
    title: 'instance',
    value: ({ useCaseId }) => useCaseId,
    show: (instance) => (
      <button type="button" class="link" onClick={() => onOpen(instance)}>
        <Name text={instance.useCaseId} />
      </button>
    ),
  };
  return (
    <Table
      caption="Instances"
      columns={[id, ...columns]}
      rows={instances}
      keyOf={({ useCaseId, useCaseName }) => `${useCaseName} ${useCaseId}`}
      more={
        next !== null && (
          <button type="button" onClick={() => onNext(next)}>
            Older ones
          </button>
        )
      }
    />
  );
}

const columns: Column<InstanceSummary>[] = [
  timeColumn('started', ({ startedAt }) => startedAt),
  nameColumn('user', ({ userId }) => userId),
  nameColumn('account', ({ accountName }) => accountName),
  { title: 'version', value: ({ version }) => version, isNumber: true },
  countColumn('calls', ({ requests }) => requests),
  {
    title: 'ended',
    value: endedOf,
    show: (instance) => <Badge tone={endedOf(instance) === 'succeeded' ? 'good' : 'bad'}>{endedOf(instance)}</Badge>,
  },
  usdColumn('cost', ({ estimatedUsd }) => estimatedUsd),
  countColumn('tokens in', ({ tokens }) => tokens.input),
  countColumn('tokens out', ({ tokens }) => tokens.output),
  {
    title: 'models',
    value: ({ models }) => models.join(', '),
    show: ({ models }) => <Name text={models.join(', ')} />,
  },
  { title: 'events', value: ({ states }) => states.join(', ') },
];

/** The worst that a call of the instance came to. */
function endedOf({ outcomes }: InstanceSummary): string {
  return (['abandoned', 'aborted', 'failed'] as const).find((outcome) => outcomes[outcome] > 0) ?? 'succeeded';
}
