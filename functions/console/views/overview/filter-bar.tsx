import { Name } from '../../parts/name.tsx';
import { type Dimension, type Filters, wordOf } from './groupings.ts';

/** The filters that are on; each can be taken off. */
export function FilterBar({ filters, onRemove }: { filters: Filters; onRemove: (name: Dimension) => void }) {
  const on = Object.entries(filters) as [Dimension, string][];
  if (on.length === 0) return null;
  return (
    <ul class="filters" aria-label="Filters">
      {on.map(([name, value]) => (
        <li key={name}>
          {wordOf(name)}: <Name text={value} />
          <button
            type="button"
            class="quiet"
            aria-label={`Remove the filter of ${wordOf(name)}`}
            onClick={() => onRemove(name)}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}
