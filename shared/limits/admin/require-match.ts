import { RequestError } from '../../errors/request-errors.ts';

/**
 * Holds a change to the state that its author saw. `*` means whatever there is.
 * @param etag of the state as it is
 * @throws RequestError 428 without the header, 412 where it names another state; `details.etag` is that of now
 */
export function requireMatch(ifMatch: string | null, etag: string): void {
  if (ifMatch === null)
    throw new RequestError(
      'precondition_required',
      'The header If-Match is missing. It must be the ETag of what is changed, so that no change of another admin is lost.',
      { status: 428, details: { etag } },
    );
  // A weak tag never matches here (RFC 9110, 13.1.1).
  const given = ifMatch.split(',').map((tag) => tag.trim());
  if (given.includes('*') || given.includes(etag)) return;
  throw new RequestError('precondition_failed', 'It was changed since it was read. Read it again, then decide.', {
    status: 412,
    details: { etag },
  });
}
