import { visibleName } from '../../../format/names.ts';
import type { Difference } from './difference.ts';

/** What changes, before and after. */
export function DifferenceTable({ differences }: { differences: readonly Difference[] }) {
  if (differences.length === 0) return <p class="empty">Nothing changes.</p>;
  return (
    <table class="difference">
      <thead>
        <tr>
          <th scope="col">what</th>
          <th scope="col">before</th>
          <th scope="col">after</th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ name, before, after }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <del>{visibleName(before)}</del>
            </td>
            <td>
              <ins>{visibleName(after)}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
