import type { ModelCall } from '../../../infra/local/model/src/calls.ts';
import { keySent } from '../../../infra/local/model/src/report/usage-report.ts';

/** The header of a request to the model that has the id of the request that it is made for. */
export const FOR_REQUEST = 'x-fuzz-for-request';
/** Its value outside of all requests. */
export const NO_REQUEST = 'none';

/** One call that the app made: the model answers it with a status below 400, or refuses it. */
export interface AppCall {
  /** Undefined where the call does not say it. */
  forRequest: string | undefined;
  path: string;
  status: number;
}

/** Undefined for a call that an attack made at the model's own port. @param appKey what the app calls the model with */
export function appCallOf({ headers, path, status }: ModelCall, appKey: string | undefined): AppCall | undefined {
  const named = headers[FOR_REQUEST];
  if (named === undefined && keySent(headers) !== appKey) return undefined;
  return { forRequest: named?.toString(), path, status };
}
