import { createHash } from 'node:crypto';
import type { Caller } from '../../identity/caller.ts';

/** The partition of what a caller has made at the provider: of a user within an account, without the names of either. */
export const ownerPartition = ({ userId, accountName = '' }: Caller): string =>
  `owner!${createHash('sha256')
    .update(JSON.stringify([accountName, userId]))
    .digest('hex')}`;
