import type { Caller } from './caller.ts';
import { invalidCredential } from './credential-error.ts';
import { oneLine, storableUserId } from './user-id.ts';

/** Which claims of a verified token name the caller. Claims may be nested: `resource_access.app.roles`. */
export interface ClaimNames {
  /** The user's id; an e-mail address becomes a pseudonym. */
  user: string;
  account?: string | undefined;
  /** A text, a list of texts or texts separated by blanks (as in `scp`). */
  role: string;
  /** Values of the role claim that make an admin. */
  adminRoles: readonly string[];
}

/**
 * The caller that verified claims describe.
 * @throws RequestError 401 when the claim of the user id is missing or not a text: such a token names nobody.
 */
export function callerFromClaims(
  claims: Record<string, unknown>,
  names: ClaimNames,
  userIdKey: string | undefined,
  via: string,
): Caller {
  const user = claimOf(claims, names.user);
  if (typeof user !== 'string' || user.trim() === '') throw invalidCredential(`it has no claim "${names.user}"`);
  const account = names.account === undefined ? undefined : claimOf(claims, names.account);
  return {
    userId: storableUserId(user, userIdKey, names.user),
    ...(typeof account === 'string' &&
      account.trim() !== '' && { accountName: oneLine(account, names.account ?? 'account') }),
    role: texts(claimOf(claims, names.role)).some((role) => names.adminRoles.includes(role)) ? 'admin' : 'user',
    via,
  };
}

/** The claim of a whole name first (`https://example.com/role`), then along the dots. */
function claimOf(claims: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined,
      claims,
    );
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ').filter(Boolean);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
