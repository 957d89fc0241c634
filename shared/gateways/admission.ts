import type { Settings } from '../config/settings.ts';
import { holderOf } from '../identity/access-key.ts';
import type { Caller } from '../identity/caller.ts';
import { identify } from '../identity/identity.ts';

const anonymous: Caller = { userId: 'anonymous', role: 'user', via: 'anonymous' };

/**
 * Who stands at a door. Clients that can't send `x-functions-key` bring an access key as their own kind of credential: a bearer
 * token, `x-api-key`, or a secret segment of the path (`token`).
 * @throws RequestError 401 for nobody we know, unless GATEWAY_ANONYMOUS lets everybody in.
 */
export async function identifyAtGateway(headers: Headers, settings: Settings, token?: string): Promise<Caller> {
  const key = [token, bearer(headers), headers.get('x-api-key')].find(
    (given) => typeof given === 'string' && holderOf(given, settings.ACCESS_KEYS) !== undefined,
  );
  const presented = new Headers(headers);
  if (key) presented.set('x-functions-key', key);
  try {
    return await identify(presented, settings);
  } catch (error) {
    const claims = token !== undefined || headers.has('x-functions-key');
    if (settings.GATEWAY_ANONYMOUS && !claims) return anonymous;
    throw error;
  }
}

const bearer = (headers: Headers): string | undefined =>
  /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]?.trim();
