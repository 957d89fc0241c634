import { AsyncLocalStorage } from 'node:async_hooks';

/** One HTTP request, for whatever happens on its behalf. */
export interface RequestScope {
  /** In every log line, usage event and answer of the request. */
  readonly requestId: string;
  /** Headers that its answer gets, whether it succeeds or not. */
  readonly headers: Record<string, string>;
}

const storage = new AsyncLocalStorage<RequestScope>();

/** The request that the running code serves, if any. */
export const requestScope = (): RequestScope | undefined => storage.getStore();

/** Runs `work`, and all that it begins, on behalf of a request. Loops of the process must not be begun in there. */
export const inRequest = <T>(scope: RequestScope, work: () => T): T => storage.run(scope, work);

/** No e-mail address, no white space, nothing that a log or Pay-i could take for something else. */
const form = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** The scope of a request: its `x-request-id` when that is well-formed, else the id that the host made. */
export function openRequest(headers: Headers, madeId: string): RequestScope {
  const given = headers.get('x-request-id');
  const requestId = given !== null && form.test(given) ? given : madeId;
  return { requestId, headers: { 'x-request-id': requestId } };
}
