import { useIsAdmin } from '../../data/session.ts';
import { Field, SelectField } from '../../parts/forms/field.tsx';
import { filterNames } from './load.ts';

/** Which instances are shown. What is filled in goes into the address. */
export function FilterForm({
  query,
  useCases,
  useCase,
  onFind,
}: {
  query: Readonly<Record<string, string>>;
  useCases: readonly string[];
  useCase: string | undefined;
  onFind: (change: Record<string, string | undefined>) => void;
}) {
  const isAdmin = useIsAdmin();
  return (
    <form
      class="filter-form"
      // Made again when the address changes, so that the inputs show what it has.
      key={JSON.stringify([query, useCases.length])}
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const textOf = (name: string) => String(form.get(name) ?? '').trim() || undefined;
        onFind({
          ...Object.fromEntries(filterNames.map((name) => [name, textOf(name)])),
          useCase: textOf('useCase'),
          cursor: undefined,
        });
      }}
    >
      <SelectField
        label="Use case"
        name="useCase"
        value={useCase ?? ''}
        options={useCases.map((name) => [name, name] as const)}
      />
      <Field label="From (UTC)" name="from" type="date" value={query['from'] ?? ''} />
      <Field label="Before (UTC)" name="to" type="date" value={query['to'] ?? ''} />
      {isAdmin && <Field label="User" name="user" value={query['user'] ?? ''} maxLength={512} />}
      <Field label="Account" name="account" value={query['account'] ?? ''} maxLength={512} />
      <Field label="Model" name="model" value={query['model'] ?? ''} maxLength={512} />
      <SelectField label="With a call that" name="outcome" value={query['outcome'] ?? ''} options={outcomes} />
      <SelectField label="With an event" name="state" value={query['state'] ?? ''} options={states} />
      <Field label="Cost from, in USD" name="minUsd" type="number" min="0" step="any" value={query['minUsd'] ?? ''} />
      <button type="submit" class="main">
        Find
      </button>
    </form>
  );
}

const outcomes = [
  ['', 'ended in any way'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['aborted', 'was aborted'],
  ['abandoned', 'was abandoned'],
] as const;
const states = [
  ['', 'in any state'],
  ['ingested', 'at Pay-i'],
  ['waiting', 'that waits'],
  ['deadLettered', 'given up'],
] as const;
