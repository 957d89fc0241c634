import { effectivePolicy } from './overrides/effective-policy.ts';
import { noOverrides, type Overrides } from './overrides/override.ts';
import { type Period, periodPattern, readPeriod } from './period.ts';
import type { Policy } from './policy.ts';
import { type ScopedCall, scopeKeys, type Whose } from './scope-keys.ts';
import { countUnits, type LimitUnit } from './units.ts';
import { windowAt } from './window.ts';

/** One limit that a call counts against. */
export interface AppliedLimit {
  limitId: string;
  /** With the maximum of this limit: see `effectivePolicy`. */
  policy: Policy;
  whose: Whose;
}

/**
 * The limits of a call, block and allow alike, in order of their ids, each with the maximum that it has. Policies that are off or need a
 * key that the call lacks have none.
 */
export function expandPolicies(
  policies: readonly Policy[],
  call: ScopedCall,
  overrides: Overrides = noOverrides,
): AppliedLimit[] {
  return policies
    .flatMap((policy) => {
      if (!policy.enabled || !counts(policy, call)) return [];
      const group = limitGroup(policy, windowAt(policy, call.occurredAtMs));
      return scopeKeys(policy, call).map(({ key, whose }) => ({
        limitId: key === '' ? group : `${group}:${key}`,
        policy: effectivePolicy(policy, key, overrides, call.occurredAtMs),
        whose,
      }));
    })
    .sort((a, b) => (a.limitId < b.limitId ? -1 : 1));
}

/** False for calls of use cases and models that the policy leaves out. A call that may reach one of its models counts. */
const counts = ({ useCases, models }: Policy, call: ScopedCall): boolean =>
  (!useCases || useCases.includes(call.useCaseName)) &&
  (!models || (call.models ?? []).some((model) => models.includes(model)));

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
