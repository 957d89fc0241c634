import { visibleName } from '../format/names.ts';

/**
 * A name that a caller chose, as text and apart from the direction of the text around it. Long ones are cut by the style; the whole
 * stands in the tooltip.
 */
export function Name({ text, none = 'none' }: { text: string | null | undefined; none?: string }) {
  if (text === null || text === undefined || text === '') return <span class="muted">{none}</span>;
  const shown = visibleName(text);
  return (
    <bdi class="name" title={shown}>
      {shown}
    </bdi>
  );
}
