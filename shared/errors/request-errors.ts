import { TrailmeterError } from './trailmeter-error.ts';

/** A field of a request that is not as it must be. `field` is its path, e.g. `vehicleInfo.year` or `waypoints.2.lat`. */
export interface FieldProblem {
  field: string;
  problem: string;
}

/** What the caller sent cannot be served as it is. */
export class RequestError extends TrailmeterError {}

/** 400 with the fields named in `details.fields`. `text` is what people read; by default it is made from the fields. */
export function invalidFields(problems: FieldProblem[], text?: string, cause?: unknown): RequestError {
  const readable = problems.slice(0, 3).map(({ field, problem }) => `${field} ${problem}`);
  return new RequestError('invalid_request', text ?? `Invalid request. ${readable.join('; ')}`, {
    status: 400,
    details: { fields: problems.slice(0, 20) },
    cause,
  });
}

export const invalidField = (field: string, problem: string, text?: string, cause?: unknown): RequestError =>
  invalidFields([{ field, problem }], text, cause);

/** The text is the front-end's own. */
export const notAuthenticated = (): RequestError =>
  new RequestError('not_authenticated', 'Authentication required', { status: 401 });

export const adminOnly = (): RequestError => new RequestError('admin_only', 'Admin access required', { status: 403 });

export const notFound = (what: string): RequestError =>
  new RequestError('not_found', `${what} not found`, { status: 404 });
