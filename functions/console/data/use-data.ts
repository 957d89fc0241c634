import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { RequestFailure } from './failure.ts';
import { SessionContext } from './session.ts';

/** What a view shows of something that is loaded, and loaded again. */
export interface Loaded<T> {
  /** The last that was loaded; it stays while the next is under way or has failed. */
  data: T | undefined;
  failure: RequestFailure | undefined;
  isLoading: boolean;
  /** `data` is what was asked for before, or could not be loaded again. */
  isStale: boolean;
  /** ms, UTC. */
  loadedAt: number | undefined;
  reload(): void;
}

interface Held<T> {
  key: string;
  data: T | undefined;
  failure: RequestFailure | undefined;
  loadedAt: number | undefined;
  isLoading: boolean;
}

/**
 * Loads data when `key` changes, and every `refreshMs` while the page is visible.
 * @param key says what `load` asks for
 */
export function useData<T>(key: string, load: (signal: AbortSignal) => Promise<T>, refreshMs?: number): Loaded<T> {
  const [held, setHeld] = useState<Held<T>>({
    key,
    data: undefined,
    failure: undefined,
    loadedAt: undefined,
    isLoading: true,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const session = useContext(SessionContext);
  const reload = useCallback(() => setRound((value) => value + 1), []);

  useEffect(() => {
    // Read by name, so that the effect runs again with each round.
    void round;
    const abort = new AbortController();
    setHeld((before) => ({ ...before, isLoading: true }));
    latest.current(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setHeld({ key, data, failure: undefined, loadedAt: Date.now(), isLoading: false });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const failure = toFailure(error);
        if (failure.status === 401) session?.signOut(failure);
        setHeld((before) => ({ ...before, failure, isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [key, round, session]);

  useEffect(() => {
    if (refreshMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [refreshMs, reload]);

  const isStale = held.data !== undefined && (held.key !== key || held.failure !== undefined);
  return {
    data: held.data,
    failure: held.failure,
    isLoading: held.isLoading,
    loadedAt: held.loadedAt,
    isStale,
    reload,
  };
}

/** A fault of the page itself is shown like one of a request, and stands in the browser's log. */
function toFailure(error: unknown): RequestFailure {
  if (error instanceof RequestFailure) return error;
  console.error(error);
  return new RequestFailure(0, { code: 'page_error', error: 'The page could not show this. Load it again.' });
}
