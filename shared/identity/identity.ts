import { adminOnly, notAuthenticated } from '../errors/request-errors.ts';
import { accessKey } from './access-key.ts';
import type { Access, Caller, IdentityRequest, IdentitySettings, IdentitySource } from './caller.ts';
import { developmentIdentity } from './development.ts';

/** In the order in which they are asked. */
const sources: IdentitySource[] = [accessKey, developmentIdentity];

/** @throws RequestError 401 when nobody vouches for the caller. */
export async function identify(request: IdentityRequest, settings: IdentitySettings): Promise<Caller> {
  for (const source of sources) {
    const caller = await source(request, settings);
    if (caller) return caller;
  }
  throw notAuthenticated();
}

/** @throws RequestError 403 when the route is for admins and the caller is not one. */
export function admit(caller: Caller, access: Access): void {
  if (access === 'admin' && caller.role !== 'admin') throw adminOnly();
}
