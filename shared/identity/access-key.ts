import { createHash, timingSafeEqual } from 'node:crypto';
import { notAuthenticated } from '../errors/request-errors.ts';
import type { IdentitySource } from './caller.ts';
import { oneLine, storableUserId } from './user-id.ts';

/**
 * A trusted service with one of the keys of ACCESS_KEYS in `x-functions-key`. It may say for whom it calls by
 * `x-user-id` and `x-account-name`; without them it calls for itself, under the name of its key.
 */
export const accessKey: IdentitySource = (headers, settings) => {
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

/** Every key is compared, each in constant time, so that the time taken says nothing about any of them. */
export function holderOf(given: string, keys: Record<string, { key: string; role: 'user' | 'admin' }>) {
  const digest = sha256(given);
  let found: { name: string; role: 'user' | 'admin' } | undefined;
  for (const [name, { key, role }] of Object.entries(keys))
    if (timingSafeEqual(digest, sha256(key))) found = { name, role };
  return found;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
