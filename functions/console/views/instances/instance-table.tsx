import { count } from '../../format/numbers.ts';
import { Badge } from '../../parts/badge.tsx';
import { Name } from '../../parts/name.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { Usd } from '../../parts/usd.tsx';
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
  { title: 'started', value: ({ startedAt }) => startedAt, show: ({ startedAt }) => <Time at={startedAt} /> },
  { title: 'user', value: ({ userId }) => userId, show: ({ userId }) => <Name text={userId} /> },
  { title: 'account', value: ({ accountName }) => accountName, show: ({ accountName }) => <Name text={accountName} /> },
  { title: 'version', value: ({ version }) => version, isNumber: true },
  { title: 'calls', value: ({ requests }) => requests, show: ({ requests }) => count(requests), isNumber: true },
  {
    title: 'ended',
    value: endedOf,
    show: (instance) => <Badge tone={endedOf(instance) === 'succeeded' ? 'good' : 'bad'}>{endedOf(instance)}</Badge>,
  },
  {
    title: 'cost',
    value: ({ estimatedUsd }) => estimatedUsd,
    show: ({ estimatedUsd }) => <Usd value={estimatedUsd} />,
    isNumber: true,
  },
  {
    title: 'tokens in',
    value: ({ tokens }) => tokens.input,
    show: ({ tokens }) => count(tokens.input),
    isNumber: true,
  },
  {
    title: 'tokens out',
    value: ({ tokens }) => tokens.output,
    show: ({ tokens }) => count(tokens.output),
    isNumber: true,
  },
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
