import { useState } from 'preact/hooks';
import { RequestFailure } from './failure.ts';

/** Something that the user can do: whether it is under way, and how it failed. */
export interface Action<A extends unknown[]> {
  run(...args: A): Promise<void>;
  isRunning: boolean;
  failure: RequestFailure | undefined;
}

/** One run at a time. `act` says in its own way that it is done. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<void>): Action<A> {
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<RequestFailure>();
  return {
    isRunning,
    failure,
    async run(...args) {
      if (isRunning) return;
      setRunning(true);
      setFailure(undefined);
      try {
        await act(...args);
      } catch (error) {
        if (!(error instanceof RequestFailure)) throw error;
        setFailure(error);
      } finally {
        setRunning(false);
      }
    },
  };
}
