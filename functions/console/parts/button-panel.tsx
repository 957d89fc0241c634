import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useAction } from '../data/use-action.ts';
import { FailureNotice } from './failure-notice.tsx';
import { Time } from './time.tsx';

interface ButtonPanelProps<T> {
  title: string;
  /** What the button says, and while it works. */
  button: string;
  running: string;
  /** The question that it answers. */
  empty: string;
  /** Controls before the button: what to look at. */
  controls: ComponentChildren;
  load: () => Promise<T>;
  children: (data: T) => ComponentChildren;
}

/** A part of a view that is loaded at a button alone, since that reads much. */
export function ButtonPanel<T>({ title, button, running, empty, controls, load, children }: ButtonPanelProps<T>) {
  const id = useId();
  const [found, setFound] = useState<{ data: T; at: number }>();
  const { failure, isRunning, run } = useAction(async () => {
    const data = await load();
    setFound({ data, at: Date.now() });
  });
  return (
    <section class="panel" aria-labelledby={id} aria-busy={isRunning}>
      <header>
        <h2 id={id}>{title}</h2>
        <span class="age">
          {found && (
            <>
              as of <Time at={found.at} />
            </>
          )}
        </span>
        <div class="controls">
          {controls}
          <button type="button" disabled={isRunning} onClick={() => void run()}>
            {isRunning ? running : button}
          </button>
        </div>
      </header>
      <div class="body" aria-live="polite">
        {failure && <FailureNotice failure={failure} />}
        {found ? children(found.data) : <p class="empty">{empty}</p>}
      </div>
    </section>
  );
}
