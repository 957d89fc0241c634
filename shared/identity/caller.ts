import type { Settings } from '../config/settings.ts';
import type { KeyGrant } from './keys/key-grant.ts';
import type { KeyService } from './keys/key-service.ts';

export type Role = 'user' | 'admin';

/** Who calls. Taken from headers and settings alone; a body never says anything about it. */
export interface Caller {
  /** Pseudonymous where it was an e-mail address. */
  userId: string;
  accountName?: string;
  role: Role;
  /** How it was found out, e.g. `access-key`. */
  via: string;
  /** With an access key: what it allows. */
  key?: KeyGrant;
}

/** What a route asks of its caller. */
export type Access = 'anyone' | Role;

export type IdentitySettings = Pick<
  Settings,
  | 'ACCESS_KEYS'
  | 'APP_SERVICE_ADMIN_ROLES'
  | 'AUTH_SECRET'
  | 'AUTH_SECRET_1'
  | 'AUTH_SECRET_2'
  | 'AUTH_SECRET_3'
  | 'CORS_ORIGINS'
  | 'DEV_IDENTITY'
  | 'IDENTITY_ORDER'
  | 'JWT_CLOCK_TOLERANCE_S'
  | 'JWT_ISSUERS'
  | 'NEXTAUTH_SECRET'
  | 'USER_ID_KEY'
  | 'WEBSITE_AUTH_ENABLED'
>;

/** What callers are identified with. */
export interface IdentityServices {
  settings: IdentitySettings;
  /** Access keys that are kept as records. */
  keys: Pick<KeyService, 'holderOf'>;
}

/** What a request shows of its caller. */
export interface IdentityRequest {
  method: string;
  headers: Headers;
}

/**
 * One way to find out who calls. Undefined: the request carries nothing of this kind, the next way is tried.
 * Throws when it carries something of this kind that is not valid.
 */
export type IdentitySource = (
  request: IdentityRequest,
  services: IdentityServices,
) => Caller | undefined | Promise<Caller | undefined>;
