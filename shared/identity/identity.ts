import type { IdentityWay } from '../config/identity-settings.ts';
import { adminOnly, notAuthenticated } from '../errors/request-errors.ts';
import { accessKey } from './access-key.ts';
import { appService } from './app-service.ts';
import { bearerToken } from './bearer-token.ts';
import type { Access, Caller, IdentityRequest, IdentityServices, IdentitySource } from './caller.ts';
import { developmentIdentity } from './development.ts';
import { refuseRoute } from './keys/key-grant.ts';
import { refuseForms } from './page-action.ts';
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
 * @throws RequestError 401 for a wrong credential and for none; IdentityUnavailableError, KeysUnreadableError 503
 */
export async function identify(request: IdentityRequest, services: IdentityServices): Promise<Caller> {
  for (const way of services.settings.IDENTITY_ORDER) {
    const caller = await sources[way](request, services);
    if (caller) return caller;
  }
  throw notAuthenticated();
}

/** A route, as far as it decides who may call it. */
export interface AdmittingRoute {
  method: string;
  path: string;
  access: Access;
}

/**
 * @throws RequestError 403 when the route is for admins and the caller is not one, the caller's key is not for this route, or a form of
 * another site may have sent the request
 */
export function admit(caller: Caller, route: AdmittingRoute, headers: Headers): void {
  if (route.access === 'admin' && caller.role !== 'admin') throw adminOnly();
  refuseRoute(caller.key, route);
  refuseForms(caller, route, headers);
}
