import { createHash } from 'node:crypto';

/**
 * What a policy has a limit of its own for; joined by a plus, each combination has one. Users and accounts come first, so that keys
 * of their limits begin alike.
 */
export const scopes = [
  'global',
  'use_case',
  'version',
  'user',
  'account',
  'key',
  'model',
  'property',
  'user+use_case',
  'account+use_case',
  'user+model',
  'user+property',
] as const;
export type PolicyScope = (typeof scopes)[number];
export type ScopePart = 'global' | 'use_case' | 'version' | 'user' | 'account' | 'key' | 'model' | 'property';

/** Whom a call counts for. */
export interface ScopedCall {
  useCaseName: string;
  version?: number;
  userId?: string;
  accountName?: string;
  /** Name of the access key that it came with. */
  keyName?: string;
  /** All that may answer, as the price list names them, or `other`. */
  models?: readonly string[];
  properties?: Readonly<Record<string, string>>;
  /** ms, UTC: decides the period. */
  occurredAtMs: number;
}

/** The key of calls that lack the property which a policy goes by: they share one limit, so that leaving it out is not a way around. */
const WITHOUT_VALUE = '(none)';

export const partsOf = (scope: PolicyScope): ScopePart[] => scope.split('+') as ScopePart[];

/**
 * The keys of a policy's limits that a call counts against: none where the call lacks one, several where several models may answer.
 * Parts of a combination are separated by colons; a limit without a key has ''.
 */
export function scopeKeys(policy: { scope: PolicyScope; property?: string | undefined }, call: ScopedCall): string[] {
  return partsOf(policy.scope)
    .map((part) => keysOf(part, policy.property ?? '', call))
    .reduce(
      (before, keys) => before.flatMap((first) => keys.map((key) => (first === '' ? key : `${first}:${key}`))),
      [''],
    );
}

function keysOf(part: ScopePart, property: string, call: ScopedCall): string[] {
  const { useCaseName, version, userId, accountName, keyName, models = [], properties } = call;
  switch (part) {
    case 'global':
      return [''];
    case 'use_case':
      return [readable(useCaseName)];
    case 'version':
      return version === undefined ? [] : [`${readable(useCaseName)}:${version}`];
    case 'user':
      return userId === undefined ? [] : [userKey(userId)];
    case 'account':
      return accountName === undefined ? [] : [readable(accountName)];
    case 'key':
      return keyName === undefined ? [] : [readable(keyName)];
    case 'model':
      return models.map(readable);
    case 'property': {
      const value = properties?.[property];
      return [value === undefined || value === '' ? WITHOUT_VALUE : readable(value)];
    }
  }
}

/** The key of a user's own limits. */
export const userKey = (userId: string): string => pseudonym(userId);

/**
 * A short stand-in for a name that may hold anything. It need not keep the name from being guessed: user ids come here as
 * pseudonyms made with a key where they were e-mail addresses (setting USER_ID_KEY), and all names stand in usage events as they are.
 */
const pseudonym = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 20);

/** Names that are safe in a table key stay as they are; an e-mail or anything odd is replaced. */
const readable = (text: string): string => (/^[A-Za-z0-9_.-]{1,64}$/.test(text) ? text : `x-${pseudonym(text)}`);
