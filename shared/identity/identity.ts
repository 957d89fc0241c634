import type { Settings } from '../config/settings.ts';
import { adminOnly, notAuthenticated } from '../errors/request-errors.ts';
import { accessKey } from './access-key.ts';
import { developmentIdentity } from './development.ts';

export type Role = 'user' | 'admin';

/** Who calls. Taken from headers and settings alone; a body never says anything about it. */
export interface Caller {
  /** Pseudonymous where it was an e-mail address. */
  userId: string;
  accountName?: string;
  role: Role;
  /** How it was found out, e.g. `access-key`. */
  via: string;
}

/** What a route asks of its caller. */
export type Access = 'anyone' | Role;

type IdentitySettings = Pick<Settings, 'ACCESS_KEYS' | 'DEV_IDENTITY' | 'USER_ID_KEY'>;

/**
 * One way to find out who calls. Undefined: the request carries nothing of this kind, the next way is tried.
 * Throws when it carries something of this kind that is not valid.
 */
export type IdentitySource = (
  headers: Headers,
  settings: IdentitySettings,
) => Caller | undefined | Promise<Caller | undefined>;

/** In the order in which they are asked. */
const sources: IdentitySource[] = [accessKey, developmentIdentity];

/** @throws RequestError 401 when nobody vouches for the caller. */
export async function identify(headers: Headers, settings: IdentitySettings): Promise<Caller> {
  for (const source of sources) {
    const caller = await source(headers, settings);
    if (caller) return caller;
  }
  throw notAuthenticated();
}

/** @throws RequestError 403 when the route is for admins and the caller is none. */
export function admit(caller: Caller, access: Access): void {
  if (access === 'admin' && caller.role !== 'admin') throw adminOnly();
}
