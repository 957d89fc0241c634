import { createHash } from 'node:crypto';
import type { Caller } from '../../identity/caller.ts';

/** Whose something at the provider is, without a name. */
export interface ProviderOwner {
  /** The partition of what a caller has made at the provider: of a user within an account. */
  owner: string;
  /** A digest of the user id alone, by which all of a person's is found. */
  user: string;
}

export const ownerPartition = ({ userId, accountName = '' }: Caller): string =>
  `owner!${digest(JSON.stringify([accountName, userId]))}`;

export const ownerOf = (caller: Caller): ProviderOwner => ({
  owner: ownerPartition(caller),
  user: ownerDigest(caller.userId),
});

export const ownerDigest = (userId: string): string => digest(userId);

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
