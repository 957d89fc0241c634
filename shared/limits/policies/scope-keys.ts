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

/** Whose limit it is, by the parts of its scope and their names as calls have them: `{ user: 'sam', use_case: 'trail_finder' }`. */
export type Whose = Partial<Record<ScopePart, string>>;

interface ScopeKey {
  /** Parts of a combination are separated by colons; '' for a limit without a key. */
  key: string;
  whose: Whose;
}

/** The keys of a policy's limits that a call counts against: none where the call lacks one, several where several models may answer. */
export function scopeKeys(policy: { scope: PolicyScope; property?: string | undefined }, call: ScopedCall): ScopeKey[] {
  return partsOf(policy.scope).reduce<ScopeKey[]>(
    (before, part) => {
      const names = namesOf(part, policy.property ?? '', call);
      return before.flatMap((first) => names.map((name) => withPart(first, part, name)));
    },
    [{ key: '', whose: {} }],
  );
}

function withPart({ key, whose }: ScopeKey, part: ScopePart, name: PartName): ScopeKey {
  if (part === 'global') return { key, whose };
  return { key: key === '' ? name.key : `${key}:${name.key}`, whose: { ...whose, [part]: name.name } };
}

interface PartName {
  key: string;
  name: string;
}

/** A name that stands in a key as it is, or as a short one where it may be anything. */
const named = (name: string): PartName => ({ key: readable(name), name });

function namesOf(part: ScopePart, property: string, call: ScopedCall): PartName[] {
  const { useCaseName, version, userId, accountName, keyName, models = [], properties } = call;
  switch (part) {
    case 'global':
      return [{ key: '', name: '' }];
    case 'use_case':
      return [named(useCaseName)];
    case 'version':
      return version === undefined
        ? []
        : [{ key: `${readable(useCaseName)}:${version}`, name: `${useCaseName}:${version}` }];
    case 'user':
      return userId === undefined ? [] : [{ key: userKey(userId), name: userId }];
    case 'account':
      return accountName === undefined ? [] : [named(accountName)];
    case 'key':
      return keyName === undefined ? [] : [named(keyName)];
    case 'model':
      return models.map(named);
    case 'property': {
      const value = properties?.[property];
      return [value === undefined || value === '' ? { key: WITHOUT_VALUE, name: WITHOUT_VALUE } : named(value)];
    }
  }
}

/** What keys of a policy's limits begin with for the user, account, model and so on of this name; '' for the scope global. */
export function firstKeyOf(scope: PolicyScope, name: string): string {
  const [first] = partsOf(scope);
  if (first === 'global') return '';
  if (first === 'user') return userKey(name);
  return first === 'property' && name === WITHOUT_VALUE ? WITHOUT_VALUE : readable(name);
}

/** The first part of a limit's key. */
export const firstPartOf = (key: string): string => key.split(':', 1)[0] ?? '';

/** The key of a user's own limits. */
export const userKey = (userId: string): string => pseudonym(userId);

/**
 * A short stand-in for a name that may hold anything. It need not keep the name from being guessed: user ids come here as
 * pseudonyms made with a key where they were e-mail addresses (setting USER_ID_KEY), and all names stand in usage events as they are.
 */
const pseudonym = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 20);

/** Names that are safe in a table key stay as they are; an e-mail or anything odd is replaced. */
const readable = (text: string): string => (/^[A-Za-z0-9_.-]{1,64}$/.test(text) ? text : `x-${pseudonym(text)}`);
