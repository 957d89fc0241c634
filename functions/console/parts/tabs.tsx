import { hrefOf } from '../data/place.ts';
import { goTo } from '../data/use-place.ts';

/** Parts of a view, each with an address of its own. @param param the member of the address that names the part */
export function Tabs({
  label,
  view,
  param,
  value,
  options,
}: {
  label: string;
  view: string;
  param: string;
  value: string;
  options: readonly (readonly [value: string, text: string])[];
}) {
  return (
    <nav class="tabs" aria-label={label}>
      {options.map(([each, text]) => {
        const place = { view, query: { [param]: each } };
        return (
          <a
            key={each}
            href={hrefOf(place)}
            aria-current={each === value ? 'page' : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              goTo(place);
            }}
          >
            {text}
          </a>
        );
      })}
    </nav>
  );
}
