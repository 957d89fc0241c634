import { z } from 'zod';
import type { Caller, IdentitySource } from './caller.ts';
import { callerFromClaims } from './claims.ts';
import { invalidCredential } from './credential-error.ts';
import { refuseForeignOrigin } from './origin.ts';

/** What App Service Authentication puts in `x-ms-client-principal`, as JSON in base64. */
const principalSchema = z.looseObject({
  auth_typ: z.string().optional(),
  name_typ: z.string().optional(),
  role_typ: z.string().optional(),
  claims: z.array(z.looseObject({ typ: z.string(), val: z.string() })).max(500),
});

/** Claims that name the user, the best one first: Entra's object id, the subject, the name identifier of older tokens. */
const userClaims = [
  'http://schemas.microsoft.com/identity/claims/objectidentifier',
  'oid',
  'sub',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier',
] as const;
const MAX_HEADER = 32_768;

/**
 * The platform's sign-in, for pages of own origins. Where it is off, the header is the client's own and is not looked at.
 * @throws RequestError 401 for a principal that is not valid; 403 for a page of another origin
 */
export const appService: IdentitySource = ({ headers }, { settings }) => {
  const header = headers.get('x-ms-client-principal');
  if (header === null || !settings.WEBSITE_AUTH_ENABLED) return undefined;
  refuseForeignOrigin(headers, settings.CORS_ORIGINS);
  return callerOfPrincipal(header, settings.APP_SERVICE_ADMIN_ROLES, settings.USER_ID_KEY);
};

/**
 * The caller that App Service Authentication has signed in. The platform removes this header from what clients send, so it may be
 * read only where the platform's authentication is on (it then sets WEBSITE_AUTH_ENABLED).
 * @throws RequestError 401 when the header is malformed or names nobody.
 */
export function callerOfPrincipal(
  header: string,
  adminRoles: readonly string[],
  userIdKey: string | undefined,
): Caller {
  const principal = principalSchema.safeParse(decoded(header)).data;
  if (!principal) throw invalidCredential('x-ms-client-principal is not a principal of App Service Authentication');
  const values = new Map<string, string[]>();
  for (const { typ, val } of principal.claims) values.set(typ, [...(values.get(typ) ?? []), val]);
  const user = userClaims.find((claim) => values.has(claim)) ?? userClaims[2];
  const role = principal.role_typ ?? 'roles';
  return callerFromClaims(
    { user: values.get(user)?.[0], role: [...(values.get(role) ?? []), ...(values.get('roles') ?? [])] },
    { user: 'user', role: 'role', adminRoles },
    userIdKey,
    'app-service',
  );
}

function decoded(header: string): unknown {
  if (header.length > MAX_HEADER) return undefined;
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
  } catch {
    return undefined; // Not JSON: refused by the schema.
  }
}
