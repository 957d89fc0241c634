import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { RequestFailure } from './failure.ts';
import type { AnswerOf } from './routes.ts';

export type Caller = AnswerOf<'GET /api/caller'>;

export interface Session {
  caller: Caller;
  /** Forgets the credential and shows the form for another one. */
  signOut(because?: RequestFailure): void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who uses the console. Views are shown only when that is known. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('Views must be shown within a session');
  return session;
}

export const useIsAdmin = (): boolean => useSession().caller.role === 'admin';
