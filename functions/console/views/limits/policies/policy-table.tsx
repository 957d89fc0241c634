import { percent } from '../../../format/numbers.ts';
import { Badge } from '../../../parts/badge.tsx';
import { nameColumn } from '../../../parts/columns.tsx';
import { Name } from '../../../parts/name.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { amountText } from '../limit-figures.ts';
import type { Policy } from '../load.ts';
import { alertsText } from './policy-form.ts';
import { scopeText, windowText } from './policy-words.ts';

/** The policies behind the limits. */
export function PolicyTable({
  policies,
  onChange,
  onOverride,
  onReset,
  onDelete,
}: {
  policies: readonly Policy[];
  onChange: (policy: Policy) => void;
  /** Opens the maxima of some users, accounts and so on. */
  onOverride: (policy: Policy) => void;
  onReset: (policy: Policy) => void;
  onDelete: (policy: Policy) => void;
}) {
  const columns: Column<Policy>[] = [
    nameColumn('policy', ({ name }) => name),
    { title: 'scope', value: scopeText, show: (policy) => <Name text={scopeText(policy)} /> },
    { title: 'window', value: windowText },
    {
      title: 'maximum',
      value: ({ max, maxUsd }) => maxUsd ?? max,
      show: ({ unit, max, maxUsd }) => amountText(unit ?? 'usd', maxUsd ?? max ?? 0),
      isNumber: true,
    },
    {
      title: 'threshold',
      value: ({ threshold }) => threshold,
      show: ({ threshold }) => (threshold === undefined ? '–' : percent(threshold)),
      isNumber: true,
    },
    {
      title: 'alerts at %',
      value: alertsText,
      show: (policy) => alertsText(policy) || '–',
      isNumber: true,
    },
    { title: 'type', value: ({ type }) => type },
    {
      title: 'state',
      value: stateOf,
      show: (policy) => <Badge tone={stateOf(policy) === 'on' ? 'good' : 'quiet'}>{stateOf(policy)}</Badge>,
    },
    {
      title: 'use cases',
      value: ({ useCases }) => useCases?.join(', '),
      show: ({ useCases }) => <Name text={useCases?.join(', ')} none="all" />,
    },
    {
      title: 'models',
      value: ({ models }) => models?.join(', '),
      show: ({ models }) => <Name text={models?.join(', ')} none="all" />,
    },
  ];
  return (
    <Table
      caption="Policies"
      columns={columns}
      rows={policies}
      keyOf={({ name }) => name}
      actions={(policy) => (
        <>
          <button type="button" class="quiet" onClick={() => onChange(policy)} aria-label={`Change ${policy.name}`}>
            Change
          </button>
          {policy.scope !== 'global' && (
            <button
              type="button"
              class="quiet"
              onClick={() => onOverride(policy)}
              aria-label={`Other maxima of ${policy.name}`}
            >
              Other maxima
            </button>
          )}
          {policy.window === 'none' && (
            <button type="button" class="quiet" onClick={() => onReset(policy)} aria-label={`Reset ${policy.name}`}>
              Reset
            </button>
          )}
          <button type="button" class="quiet" onClick={() => onDelete(policy)} aria-label={`Delete ${policy.name}`}>
            Delete
          </button>
        </>
      )}
    />
  );
}

const stateOf = ({ enabled, shadow }: Policy): string => (enabled === false ? 'off' : shadow ? 'shadow' : 'on');
