import { Badge } from '../../../parts/badge.tsx';
import { nameColumn } from '../../../parts/columns.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { Time } from '../../../parts/time.tsx';
import { Amount } from '../amount.tsx';
import type { Policy } from '../load.ts';
import { holderOf, type Override } from './override.ts';
import { holderWords, unitOfPolicy } from './override-form.ts';

/** Who has another maximum than the policy. */
export function OverrideTable({
  policy,
  overrides,
  onChange,
  onRemove,
}: {
  policy: Policy;
  overrides: readonly Override[];
  onChange: (override: Override) => void;
  onRemove: (override: Override) => void;
}) {
  const holder = holderOf(policy) ?? 'user';
  const columns: Column<Override>[] = [
    nameColumn(holderWords(holder, policy.property).toLowerCase(), ({ name }) => name),
    {
      title: 'maximum',
      value: ({ maxUsd, max }) => maxUsd ?? max,
      show: ({ maxUsd, max }) => <Amount unit={unitOfPolicy(policy)} value={maxUsd ?? max ?? 0} />,
      isNumber: true,
    },
    {
      title: 'until',
      value: ({ until }) => until,
      show: ({ until }) => (until ? <Time at={until} /> : 'it is removed'),
    },
    {
      title: 'state',
      value: stateOf,
      show: (override) => <Badge tone={override.hasEnded ? 'quiet' : 'good'}>{stateOf(override)}</Badge>,
    },
  ];
  return (
    <Table
      caption={`Overrides of ${policy.name}`}
      columns={columns}
      rows={overrides}
      keyOf={({ name }) => name}
      actions={(override) => (
        <>
          <button
            type="button"
            class="quiet"
            aria-label={`Change the override of ${override.name}`}
            onClick={() => onChange(override)}
          >
            Change
          </button>
          <button
            type="button"
            class="quiet"
            aria-label={`Remove the override of ${override.name}`}
            onClick={() => onRemove(override)}
          >
            Remove
          </button>
        </>
      )}
    />
  );
}

const stateOf = ({ hasEnded }: Override): string => (hasEnded ? 'ended' : 'on');
