import type { KeyedRuns } from '../idempotency/keyed-runs.ts';
import type { Caller } from '../identity/caller.ts';
import type { Progress } from './event-stream.ts';
import type { Route } from './route.ts';

export type Work<T> = (progress: Progress, signal: AbortSignal) => Promise<T>;

/** What a request needs so that its work is run once for its `Idempotency-Key`. */
interface KeyedWorkOptions {
  keyedRuns: KeyedRuns;
  route: Pick<Route, 'function'>;
  caller: Caller | undefined;
  /** Absent: the work is simply run, and so it is for a caller that is not known. */
  key: string | undefined;
  /** What makes the request the same as another one with its key, as JSON. */
  content: () => unknown;
  /** Called once the work is done or is not needed. */
  release: (() => void) | undefined;
}

/**
 * Work that gives the first result of its key. With a key it does not end when the client goes away: the client may ask again for what
 * is paid by then.
 */
export function keyedWork<T>(work: Work<T>, options: KeyedWorkOptions): Work<{ data: T; isReplay: boolean }> {
  const { keyedRuns, route, caller, key, content, release } = options;
  return async (progress, signal) => {
    try {
      if (key === undefined || !caller) return { data: await work(progress, signal), isReplay: false };
      const asked = { route: route.function, content: content() };
      const unending = new AbortController().signal;
      return await keyedRuns.once({ key, owner: caller, content: asked }, () => work(progress, unending), signal);
    } finally {
      release?.();
    }
  };
}
