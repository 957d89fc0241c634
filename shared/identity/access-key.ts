import { timingSafeEqual } from 'node:crypto';
import type { AccessKeys } from '../config/kinds.ts';
import { notAuthenticated } from '../errors/request-errors.ts';
import type { Caller, IdentityServices, IdentitySource, Role } from './caller.ts';
import { beyondKey, type KeyGrant } from './keys/key-grant.ts';
import { digestOf } from './keys/key-text.ts';
import { oneLine, storableUserId } from './user-id.ts';

/**
 * A trusted service with an access key in `x-functions-key`, of ACCESS_KEYS or of the records. As far as its key allows, it may say
 * for whom it calls by `x-user-id` and `x-account-name`; without them it calls for itself, under the name of its key.
 */
export const accessKey: IdentitySource = async ({ headers }, services) => {
  const given = headers.get('x-functions-key');
  if (given === null) return undefined;
  const holder = await holderOfKey(given, services);
  if (!holder) throw notAuthenticated();
  const named = { userId: headers.get('x-user-id'), accountName: headers.get('x-account-name') };
  const account = accountOf(holder, named.accountName);
  return {
    userId: userOf(holder, named.userId, services.settings.USER_ID_KEY),
    ...(account !== undefined && { accountName: account }),
    role: holder.role,
    via: 'access-key',
    key: holder.grant,
  };
};

/** Who has a key, and what it allows. */
export interface KeyHolder {
  role: Role;
  grant: KeyGrant;
}

/**
 * Whose key a request brings: one of ACCESS_KEYS that may stand in a header, or one of the records.
 * @throws RequestError 401 for a record that is revoked or has expired; KeysUnreadableError 503
 */
export async function holderOfKey(given: string, { settings, keys }: IdentityServices): Promise<KeyHolder | undefined> {
  const configured = holderOf(given, settings.ACCESS_KEYS);
  if (configured) return configured;
  const record = await keys.holderOf(given);
  if (!record) return undefined;
  const { name, role, account, useCases, models, routes, namesUsers } = record;
  return { role, grant: { name, account, useCases, models, routes, namesUsers } };
}

/**
 * Whose key of ACCESS_KEYS this is. A key that may stand in a path ends up in logs, so it opens nothing else, and no other key may
 * stand in a path. Every key is compared, each in constant time, so that the time taken says nothing about any of them.
 */
export function holderOf(given: string, keys: AccessKeys, place: 'header' | 'path' = 'header'): KeyHolder | undefined {
  const digest = digestOf(given);
  let found: KeyHolder | undefined;
  for (const [name, { key, role, only }] of Object.entries(keys)) {
    const isSame = timingSafeEqual(digest, digestOf(key));
    if (isSame && (only === 'path') === (place === 'path')) found = { role, grant: { name, namesUsers: true } };
  }
  return found;
}

/** Whether a caller may say whom it calls for: with a key that allows it, and in development. */
export const mayNameUsers = ({ via, key }: Caller): boolean => key?.namesUsers ?? via === 'development';

/** A key that names no users counts for itself; naming another user is refused, because it would count for the wrong one. */
function userOf({ grant }: KeyHolder, named: string | null, userIdKey: string | undefined): string {
  const userId = named === null ? grant.name : storableUserId(named, userIdKey, 'x-user-id');
  if (userId !== grant.name && !grant.namesUsers) throw beyondKey(grant, 'user', 'of x-user-id');
  return userId;
}

function accountOf({ grant }: KeyHolder, named: string | null): string | undefined {
  const { account } = grant;
  if (named === null) return account;
  const accountName = oneLine(named, 'x-account-name');
  if (accountName !== account && (account !== undefined || !grant.namesUsers))
    throw beyondKey(grant, 'account', accountName);
  return accountName;
}
