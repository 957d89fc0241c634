import type { RequestFailure } from '../data/failure.ts';

/** What went wrong, in the app's own words, and a way to try again. */
export function FailureNotice({ failure, retry }: { failure: RequestFailure; retry?: () => void }) {
  const { message, code, retryAfterSeconds } = failure;
  return (
    <div class="notice bad" role="alert">
      <p>
        {message} <code>{code}</code>
        {retryAfterSeconds !== undefined && ` Try again in ${retryAfterSeconds} s.`}
      </p>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
