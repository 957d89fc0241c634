import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Loaded } from '../data/use-data.ts';
import { FailureNotice } from './failure-notice.tsx';
import { Time } from './time.tsx';

interface PanelProps<T> {
  title: string;
  loaded: Loaded<T>;
  /** Says that there is nothing to show, and what would change that. */
  empty?: string;
  isEmpty?: (data: T) => boolean;
  /** Shown in every state, above the data. */
  before?: ComponentChildren;
  /** Another panel above it waits for the same data: this one appears with it, so that it does not move. */
  isBelow?: boolean;
  /** Controls next to the title. */
  controls?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}

/** A part of a view in each of its states: loading, empty, failed, stale, shown. */
export function Panel<T>({ title, loaded, empty, isEmpty, before, isBelow, controls, children }: PanelProps<T>) {
  const { data, failure, isLoading, isStale, loadedAt, reload } = loaded;
  const id = useId();
  if (isBelow && data === undefined && !failure) return null;
  return (
    <section class="panel" aria-labelledby={id} aria-busy={isLoading}>
      <header>
        <h2 id={id}>{title}</h2>
        <span class="age" aria-live="off">
          {isStale && failure && <strong>Not up to date. </strong>}
          {loadedAt !== undefined && (
            <>
              as of <Time at={loadedAt} />
            </>
          )}
        </span>
        {controls && <div class="controls">{controls}</div>}
        <button
          type="button"
          class="quiet reload"
          onClick={reload}
          disabled={isLoading}
          aria-label={`Load ${title} again`}
        >
          ↻
        </button>
      </header>
      {before}
      {failure && <FailureNotice failure={failure} retry={reload} />}
      {data === undefined && !failure && <p class="waiting">Loading …</p>}
      {data !== undefined && (
        <div class={isStale ? 'stale' : undefined}>
          {empty && isEmpty?.(data) ? <p class="empty">{empty}</p> : children(data)}
        </div>
      )}
    </section>
  );
}
