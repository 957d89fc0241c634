import { createHash, timingSafeEqual } from 'node:crypto';
import type { AccessKeys } from '../config/kinds.ts';
import { notAuthenticated } from '../errors/request-errors.ts';
import type { IdentitySource, Role } from './caller.ts';
import { oneLine, storableUserId } from './user-id.ts';

/**
 * A trusted service with one of the keys of ACCESS_KEYS in `x-functions-key`. It may say for whom it calls by
 * `x-user-id` and `x-account-name`; without them it calls for itself, under the name of its key.
 */
export const accessKey: IdentitySource = ({ headers }, settings) => {
  const given = headers.get('x-functions-key');
  if (given === null) return undefined;
  const found = holderOf(given, settings.ACCESS_KEYS);
  if (!found) throw notAuthenticated();
  const userId = headers.get('x-user-id');
  const accountName = headers.get('x-account-name');
  return {
    userId: userId === null ? found.name : storableUserId(userId, settings.USER_ID_KEY, 'x-user-id'),
    ...(accountName !== null && { accountName: oneLine(accountName, 'x-account-name') }),
    role: found.role,
    via: 'access-key',
  };
};

/** Who has a key. */
export interface KeyHolder {
  name: string;
  role: Role;
}

/**
 * Whose key this is. A key that may stand in a path ends up in logs, so it opens nothing else, and no other key may stand in a path.
 * Every key is compared, each in constant time, so that the time taken says nothing about any of them.
 */
export function holderOf(given: string, keys: AccessKeys, place: 'header' | 'path' = 'header'): KeyHolder | undefined {
  const digest = sha256(given);
  let found: KeyHolder | undefined;
  for (const [name, { key, role, only }] of Object.entries(keys)) {
    const isSame = timingSafeEqual(digest, sha256(key));
    if (isSame && (only === 'path') === (place === 'path')) found = { name, role };
  }
  return found;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
