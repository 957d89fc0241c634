/** Whether a request comes from no page at all, a page of this app or one of the allowed origins. */
export function isOwnOrigin(headers: Headers, allowed: readonly string[]): boolean {
  const origin = headers.get('origin');
  const host = headers.get('host') ?? '';
  return origin === null || origin === `http://${host}` || origin === `https://${host}` || allowed.includes(origin);
}
