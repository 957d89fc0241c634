import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { request } from '../data/client.ts';
import { keepCredential } from '../data/credential.ts';
import type { RequestFailure } from '../data/failure.ts';
import { type Caller, SessionContext } from '../data/session.ts';
import { useData } from '../data/use-data.ts';
import { FailureNotice } from '../parts/failure-notice.tsx';
import { Frame } from './frame.tsx';
import { SignIn } from './sign-in.tsx';

/** Finds out who uses the console, and shows the views to them. */
export function App() {
  const found = useData('caller', (signal) => request('GET /api/caller', { signal }));
  const [caller, setCaller] = useState<Caller>();
  const [refused, setRefused] = useState<RequestFailure>();
  useEffect(() => {
    if (found.data) setCaller(found.data);
  }, [found.data]);

  const signOut = useCallback((failure?: RequestFailure) => {
    keepCredential(undefined);
    setCaller(undefined);
    setRefused(failure);
  }, []);
  const session = useMemo(() => (caller ? { caller, signOut } : undefined), [caller, signOut]);

  if (session)
    return (
      <SessionContext.Provider value={session}>
        <Frame />
      </SessionContext.Provider>
    );
  if (found.isLoading && !found.failure) return <p class="waiting">Loading …</p>;
  if (found.failure && found.failure.status !== 401 && !refused)
    return (
      <main class="sign-in">
        <h1>Trailmeter</h1>
        <FailureNotice failure={found.failure} retry={found.reload} />
      </main>
    );
  // Without a credential there is nothing to say; one that the browser sends by itself may have ended.
  const ended = found.failure?.code === 'not_authenticated' ? undefined : found.failure;
  return <SignIn refused={refused ?? ended} onCaller={setCaller} />;
}
