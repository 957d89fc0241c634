import type { HttpRequest } from '@azure/functions';
import type { Settings } from '../config/settings.ts';
import { readJson } from './json-body.ts';
import type { Route } from './route.ts';
import { decodeRequest } from './validate.ts';

/** Parameters, query and JSON body of a request, each absent where the route has none. */
export interface DecodedRequest {
  params?: unknown;
  query?: unknown;
  body?: unknown;
}

/** Far more than the texts of any route. */
const TEXT_BYTES = 1_048_576;

/**
 * Decodes a request by the schemas of its route. A body that may come as something else than JSON is left to the handler.
 * @throws RequestError 400 naming every wrong field; 413, 415
 */
export async function decodeRouteRequest(
  { params, query, body }: Pick<Route, 'params' | 'query' | 'body'>,
  request: HttpRequest,
  { MAX_REQUEST_BYTES }: Pick<Settings, 'MAX_REQUEST_BYTES'>,
): Promise<DecodedRequest> {
  // A streaming host puts query parameters among `params`; values of the route win, and schemas take what they name.
  const decoded: DecodedRequest = {
    ...(params && { params: decodeRequest(params, withSlashes(request.params)) }),
    ...(query && { query: decodeRequest(query, Object.fromEntries(request.query)) }),
  };
  if (!body || body.types.some((type) => type !== 'application/json')) return decoded;
  const value = await readJson(request, Math.min(body.maxBytes ?? TEXT_BYTES, MAX_REQUEST_BYTES));
  return { ...decoded, body: decodeRequest(body.schema, value, { required: body.texts ?? {} }) };
}

/** The host decodes every escape of a path but that of the slash, which a name may have. */
const withSlashes = (params: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.replace(/%2f/gi, '/')]));
