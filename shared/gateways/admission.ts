import type { Settings } from '../config/settings.ts';
import { notAuthenticated } from '../errors/request-errors.ts';
import { holderOf } from '../identity/access-key.ts';
import type { Caller, IdentityRequest } from '../identity/caller.ts';
import { isDevelopment } from '../identity/development.ts';
import { identify } from '../identity/identity.ts';

const anonymous: Caller = { userId: 'anonymous', role: 'user', via: 'anonymous' };

/**
 * Finds the caller of a gateway. SDKs can't send `x-functions-key`: they bring an access key as a bearer token or as `x-api-key`.
 * With a development identity there are no keys, so what an SDK sends as one is not looked at.
 * @throws RequestError 401 for a wrong credential and for none
 */
export function identifyAtGateway({ method, headers }: IdentityRequest, settings: Settings): Promise<Caller> {
  const presented = new Headers(headers);
  const keys = [bearer(headers), headers.get('x-api-key')];
  const key = keys.find((given) => typeof given === 'string' && holderOf(given, settings.ACCESS_KEYS));
  if (key) presented.set('x-functions-key', key);
  // An unknown key of an SDK is wrong, whatever else the request brings.
  if (!key && headers.has('x-api-key') && !isDevelopment(settings)) throw notAuthenticated();
  // The key has done its part; it is not a token.
  if (key && key === bearer(headers)) presented.delete('authorization');
  if (isDevelopment(settings)) for (const name of sdkCredentials) presented.delete(name);
  return identify({ method, headers: presented }, settings);
}

/**
 * Who calls the payi-proxy. Its own client sends no credential: GATEWAY_ANONYMOUS admits it, never a wrong one.
 * @throws RequestError 401
 */
export async function identifyAtProxy(request: IdentityRequest, settings: Settings): Promise<Caller> {
  const claims = ['x-functions-key', ...sdkCredentials].some((name) => request.headers.has(name));
  if (settings.GATEWAY_ANONYMOUS && !claims && !isDevelopment(settings)) return anonymous;
  return identifyAtGateway(request, settings);
}

/** Who calls below `/p/{key}`: only a key that is made for paths counts, since paths stand in logs. @throws RequestError 401 */
export function identifyByPath(key: string, settings: Settings): Caller {
  const holder = holderOf(key, settings.ACCESS_KEYS, 'path');
  if (!holder) throw notAuthenticated();
  return { userId: holder.name, role: 'user', via: 'access-key' };
}

const sdkCredentials = ['authorization', 'x-api-key'];

const bearer = (headers: Headers): string | undefined =>
  /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]?.trim();
