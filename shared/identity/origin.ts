import { RequestError } from '../errors/request-errors.ts';

/** Whether a request comes from no page at all, a page of this app or one of the allowed origins. */
export function isOwnOrigin(headers: Headers, allowed: readonly string[]): boolean {
  const origin = headers.get('origin');
  const host = headers.get('host') ?? '';
  return origin === null || origin === `http://${host}` || origin === `https://${host}` || allowed.includes(origin);
}

/**
 * Browsers send cookies along for pages of other sites, so a sign-in that is kept in one counts for own and allowed pages alone.
 * @throws RequestError 403
 */
export function refuseForeignOrigin(headers: Headers, allowed: readonly string[]): void {
  if (isOwnOrigin(headers, allowed)) return;
  throw new RequestError('foreign_origin', 'A session counts only for pages of this app and of CORS_ORIGINS', {
    status: 403,
  });
}
