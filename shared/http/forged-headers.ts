import type { HttpRequest } from '@azure/functions';
import { RequestError } from '../errors/request-errors.ts';

/**
 * On a streaming Functions host a query parameter or a member of a JSON body that is called `headers`, in any case, takes
 * the place of the request's headers: they come empty, or as the client wrote them there. What a browser may send without
 * asking first, what a platform has put in front and who calls would then be the client's to say.
 * @throws RequestError 400 for a request without headers and for one with such a parameter.
 */
export function refuseForgedHeaders({ headers, query }: Pick<HttpRequest, 'headers' | 'query'>): void {
  if (headers.keys().next().done)
    throw new RequestError(
      'no_headers',
      'The request has no headers. A query parameter or a member of the body must not be called "headers".',
      { status: 400 },
    );
  for (const name of query.keys()) if (isHeaders(name)) throw forged('query parameter');
}

/** The same for a decoded JSON body. @throws RequestError 400 */
export function refuseHeadersMember(body: unknown): void {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  if (Object.keys(body).some(isHeaders)) throw forged('member of the body');
}

const isHeaders = (name: string): boolean => name.toLowerCase() === 'headers';

const forged = (what: string): RequestError =>
  new RequestError('forged_headers', `No ${what} may be called "headers": send headers as headers`, { status: 400 });
