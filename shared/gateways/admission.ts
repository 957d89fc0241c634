import type { Settings } from '../config/settings.ts';
import { notAuthenticated } from '../errors/request-errors.ts';
import { holderOf, holderOfKey } from '../identity/access-key.ts';
import { bearerOf } from '../identity/bearer-token.ts';
import type { Caller, IdentityRequest, IdentityServices } from '../identity/caller.ts';
import { isDevelopment } from '../identity/development.ts';
import { type AdmittingRoute, admit, identify } from '../identity/identity.ts';

/** What admits callers of the gateways. */
export interface AdmissionServices extends IdentityServices {
  settings: Settings;
}

const anonymous: Caller = { userId: 'anonymous', role: 'user', via: 'anonymous' };

/**
 * Finds the caller of a gateway's route. SDKs can't send `x-functions-key`: they bring an access key as a bearer token or as
 * `x-api-key`. With a development identity, a text of an SDK that is not a key is ignored.
 * @throws RequestError 401 for a wrong credential and for none, 403 when the key is not for the route
 */
export async function identifyAtGateway(
  { method, headers }: IdentityRequest,
  services: AdmissionServices,
  route: AdmittingRoute,
): Promise<Caller> {
  const isLocal = isDevelopment(services.settings);
  const key = await keyOf([bearerOf(headers), headers.get('x-api-key')], services);
  // An unknown key of an SDK is wrong, whatever else the request brings.
  if (key === undefined && headers.has('x-api-key') && !isLocal) throw notAuthenticated();
  const brings = isLocal ? sdkCredentials.some((name) => headers.has(name)) : key !== undefined;
  const presented = brings ? new Headers(headers) : headers;
  if (key !== undefined) presented.set('x-functions-key', key);
  // The key has done its part; it is not a token.
  if (key !== undefined && key === bearerOf(headers)) presented.delete('authorization');
  if (brings && isLocal) for (const name of sdkCredentials) presented.delete(name);
  const caller = await identify({ method, headers: presented }, services);
  admit(caller, route, headers);
  return caller;
}

/** The first of these texts that is an access key. */
async function keyOf(
  given: readonly (string | null | undefined)[],
  services: IdentityServices,
): Promise<string | undefined> {
  for (const text of given) if (text && (await holderOfKey(text, services))) return text;
  return undefined;
}

/**
 * Who calls the payi-proxy. Its own client sends no credential: GATEWAY_ANONYMOUS admits it, never a wrong one.
 * @throws RequestError 401, 403
 */
export async function identifyAtProxy(
  request: IdentityRequest,
  services: AdmissionServices,
  route: AdmittingRoute,
): Promise<Caller> {
  const { settings } = services;
  const claims = ['x-functions-key', ...sdkCredentials].some((name) => request.headers.has(name));
  if (settings.GATEWAY_ANONYMOUS && !claims && !isDevelopment(settings)) return anonymous;
  return identifyAtGateway(request, services, route);
}

/** Who calls below `/p/{key}`: only a key that is made for paths counts, since paths stand in logs. @throws RequestError 401 */
export function identifyByPath(given: string, settings: Pick<Settings, 'ACCESS_KEYS'>): Caller {
  const holder = holderOf(given, settings.ACCESS_KEYS, 'path');
  if (!holder) throw notAuthenticated();
  return { userId: holder.grant.name, role: 'user', via: 'access-key', key: holder.grant };
}

const sdkCredentials = ['authorization', 'x-api-key'];
