import { useId } from 'preact/hooks';
import { request } from '../data/client.ts';
import { credentialFrom, keepCredential } from '../data/credential.ts';
import type { RequestFailure } from '../data/failure.ts';
import { hasPlatformSignIn } from '../data/platform.ts';
import type { Caller } from '../data/session.ts';
import { useAction } from '../data/use-action.ts';
import { FailureNotice } from '../parts/failure-notice.tsx';

/** Asks for an access key or a token. @param refused what the app said of the credential before */
export function SignIn({
  refused,
  onCaller,
}: {
  refused: RequestFailure | undefined;
  onCaller: (caller: Caller) => void;
}) {
  const id = useId();
  const signIn = useAction(async (text: string) => {
    keepCredential(credentialFrom(text));
    try {
      onCaller(await request('GET /api/caller', {}));
    } catch (error) {
      keepCredential(undefined);
      throw error;
    }
  });
  const failure = signIn.failure ?? refused;
  return (
    <main class="sign-in">
      <h1>Trailmeter</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn.run(String(new FormData(event.currentTarget).get('credential')));
        }}
      >
        <label for={id}>Access key or token</label>
        <input
          id={id}
          name="credential"
          type="password"
          autocomplete="off"
          spellcheck={false}
          maxLength={8_000}
          required
        />
        <p class="muted">It is kept in this tab until the tab is closed, and sent to this app alone.</p>
        {failure && <FailureNotice failure={failure} />}
        <button type="submit" class="main" disabled={signIn.isRunning}>
          Sign in
        </button>
        {hasPlatformSignIn() && (
          <p>
            <a href="/.auth/login/aad?post_login_redirect_uri=/console">Sign in with Microsoft</a>
          </p>
        )}
      </form>
    </main>
  );
}
