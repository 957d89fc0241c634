import { createHash } from 'node:crypto';
import { type Period, periodPattern, readPeriod } from './period.ts';
import type { Policy } from './policy.ts';
import { countUnits, type LimitUnit } from './units.ts';
import { windowAt } from './window.ts';

/** Whom a call counts for. */
export interface ScopedCall {
  useCaseName: string;
  userId?: string;
  accountName?: string;
  /** Name of the access key that it came with. */
  keyName?: string;
  /** ms, UTC: decides the period. */
  occurredAtMs: number;
}

/** One limit that a call counts against. */
export interface AppliedLimit {
  limitId: string;
  policy: Policy;
}

/** The limits of a call, block and allow alike, in order of their ids. Policies that are off or need a key that the call lacks have none. */
export function expandPolicies(policies: readonly Policy[], call: ScopedCall): AppliedLimit[] {
  return policies
    .flatMap((policy) => {
      if (!policy.enabled || (policy.useCases && !policy.useCases.includes(call.useCaseName))) return [];
      const key = scopeKey(policy, call);
      if (key === undefined) return [];
      const group = limitGroup(policy, windowAt(policy, call.occurredAtMs));
      return [{ limitId: key === '' ? group : `${group}:${key}`, policy }];
    })
    .sort((a, b) => (a.limitId < b.limitId ? -1 : 1));
}

/** The part of limit ids that limits of a policy and period have in common: the whole id of one without a key. */
export const limitGroup = ({ name, unit }: Pick<Policy, 'name' | 'unit'>, { text }: Period): string =>
  unit === 'usd' ? `${name}:${text}` : `${name}:${text}.${unit}`;

/** What a limit id says. `period`: see `Period`. */
export interface LimitIdParts {
  policyName: string;
  period: string;
  unit: LimitUnit;
  key: string | undefined;
}

/** The parts of one of our ids; undefined for ids that others chose. */
export function parseLimitId(limitId: string): LimitIdParts | undefined {
  const [, policyName, period, unit = 'usd', key] = pattern.exec(limitId) ?? [];
  if (policyName === undefined || period === undefined) return undefined;
  return { policyName, period, unit: unit as LimitUnit, key };
}
const pattern = new RegExp(`^([a-z0-9][a-z0-9-]{0,40}):(${periodPattern})(?:\\.(${countUnits.join('|')}))?(?::(.+))?$`);

/** What a limit counts, by its id; that of others is USD. */
export const unitOf = (limitId: string): LimitUnit => parseLimitId(limitId)?.unit ?? 'usd';

/** When the period of a limit ends (ms, UTC); null for one that never does, and for ids of others. */
export function limitEndMs(limitId: string): number | null {
  const end = readPeriod(parseLimitId(limitId)?.period ?? 'always')?.toMs ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(end) ? end : null;
}

function scopeKey(policy: Policy, call: ScopedCall): string | undefined {
  switch (policy.scope) {
    case 'global':
      return '';
    case 'use_case':
      return readable(call.useCaseName);
    case 'user':
      return call.userId === undefined ? undefined : userKey(call.userId);
    case 'account':
      return call.accountName === undefined ? undefined : readable(call.accountName);
    case 'key':
      return call.keyName === undefined ? undefined : readable(call.keyName);
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
