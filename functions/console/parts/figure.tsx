import type { ComponentChildren } from 'preact';

/** One figure with its name. It has the same size before the value is there, so that nothing moves when it comes. */
export function Figure({
  name,
  note,
  children,
}: {
  name: string;
  note?: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        <span class="value">{children ?? '–'}</span>
        <span class="note">{note ?? '\u00a0'}</span>
      </dd>
    </div>
  );
}
