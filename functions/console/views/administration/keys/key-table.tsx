import { Badge, type Tone } from '../../../parts/badge.tsx';
import { nameColumn, timeColumn } from '../../../parts/columns.tsx';
import { Name } from '../../../parts/name.tsx';
import { type Column, Table } from '../../../parts/table.tsx';
import { Time } from '../../../parts/time.tsx';
import type { Key } from './key-form.ts';

const tones: Record<Key['state'], Tone> = { active: 'good', expired: 'quiet', revoked: 'bad' };

/** Access keys, and what can be done with each. */
export function KeyTable({
  keys,
  onAction,
}: {
  keys: readonly Key[];
  onAction: (what: 'change' | 'rotate' | 'revoke', key: Key) => void;
}) {
  return (
    <Table
      caption="Access keys"
      columns={columns}
      rows={keys}
      keyOf={({ name }) => name}
      actions={(key) =>
        key.state !== 'revoked' && (
          <>
            <button
              type="button"
              class="quiet"
              aria-label={`Change ${key.name}`}
              onClick={() => onAction('change', key)}
            >
              Change
            </button>
            <button
              type="button"
              class="quiet"
              aria-label={`Rotate ${key.name}`}
              onClick={() => onAction('rotate', key)}
            >
              Rotate
            </button>
            <button
              type="button"
              class="quiet"
              aria-label={`Revoke ${key.name}`}
              onClick={() => onAction('revoke', key)}
            >
              Revoke
            </button>
          </>
        )
      }
    />
  );
}

const list = (title: string, value: (key: Key) => readonly string[] | undefined): Column<Key> => ({
  title,
  value: (key) => value(key)?.join(', '),
  show: (key) => <Name text={value(key)?.join(', ')} none="all" />,
});

const columns: Column<Key>[] = [
  nameColumn('key', ({ name }) => name),
  { title: 'state', value: ({ state }) => state, show: ({ state }) => <Badge tone={tones[state]}>{state}</Badge> },
  { title: 'role', value: ({ role }) => role },
  nameColumn('account', ({ account }) => account),
  { title: 'names users', value: ({ namesUsers }) => (namesUsers ? 'yes' : 'no') },
  list('use cases', ({ useCases }) => useCases),
  list('models', ({ models }) => models),
  list('routes', ({ routes }) => routes),
  { title: 'secrets', value: ({ secrets }) => secrets.length, isNumber: true },
  {
    title: 'expires',
    value: ({ expiresAt }) => expiresAt,
    show: ({ expiresAt }) => (expiresAt ? <Time at={expiresAt} /> : 'never'),
  },
  timeColumn('created', ({ createdAt }) => createdAt),
  nameColumn('by', ({ createdBy }) => createdBy),
];
