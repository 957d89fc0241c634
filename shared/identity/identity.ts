import type { IdentityWay } from '../config/identity-settings.ts';
import { adminOnly, notAuthenticated } from '../errors/request-errors.ts';
import { accessKey } from './access-key.ts';
import { appService } from './app-service.ts';
import { bearerToken } from './bearer-token.ts';
import type { Access, Caller, IdentityRequest, IdentitySettings, IdentitySource } from './caller.ts';
import { developmentIdentity } from './development.ts';
import { session } from './session.ts';

const sources: Record<IdentityWay, IdentitySource> = {
  'access-key': accessKey,
  jwt: bearerToken,
  session,
  'app-service': appService,
  development: developmentIdentity,
};

/**
 * The first way of IDENTITY_ORDER that finds its kind of credential decides: one that is wrong ends the request.
 * @throws RequestError 401 for a wrong credential and for none; IdentityUnavailableError 503
 */
export async function identify(request: IdentityRequest, settings: IdentitySettings): Promise<Caller> {
  for (const way of settings.IDENTITY_ORDER) {
    const caller = await sources[way](request, settings);
    if (caller) return caller;
  }
  throw notAuthenticated();
}

/** @throws RequestError 403 when the route is for admins and the caller is not one. */
export function admit(caller: Caller, access: Access): void {
  if (access === 'admin' && caller.role !== 'admin') throw adminOnly();
}
