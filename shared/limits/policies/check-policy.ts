import type { z } from 'zod';
import { MOST_USD, type policyMembers } from './policy-members.ts';
import { partsOf } from './scope-keys.ts';
import type { windows } from './window-members.ts';

type Members = z.infer<typeof policyMembers>;

interface Report {
  addIssue(issue: { code: 'custom'; path: string[]; message: string }): void;
}

/** The windows that each member of `start` and the member `days` are for. */
const usedBy: Record<string, readonly (typeof windows)[number][]> = {
  hour: ['day', 'week', 'month', 'quarter', 'days'],
  weekday: ['week'],
  day: ['month', 'quarter'],
  date: ['days'],
};

/** Reports members of a policy that do not go together. */
export function checkPolicy(policy: Members, report: Report): void {
  const { window, start = {}, days, zone, atPayi, unit, max, maxUsd } = policy;
  const say = (message: string, ...path: string[]) => report.addIssue({ code: 'custom', path, message });
  const isOfCalendar = usedBy['hour']?.includes(window) ?? false;
  if (zone !== undefined && !isOfCalendar) say(`must be left out for the window ${window}`, 'zone');
  for (const member of Object.keys(start))
    if (!usedBy[member]?.includes(window)) say(`must be left out for the window ${window}`, 'start', member);
  if (window === 'days' && days === undefined) say('must be the length of the window, such as 14', 'days');
  if (window === 'days' && start.date === undefined) say('must be a first day, such as 2026-01-05', 'start', 'date');
  if (window !== 'days' && days !== undefined) say(`must be left out for the window ${window}`, 'days');
  const isByProperty = partsOf(policy.scope).includes('property');
  if (isByProperty && policy.property === undefined) say('must name the property, such as customer_tier', 'property');
  if (!isByProperty && policy.property !== undefined) say(`must be left out for the scope ${policy.scope}`, 'property');
  const [wanted, other] = unit === 'usd' ? (['maxUsd', 'max'] as const) : (['max', 'maxUsd'] as const);
  if ({ max, maxUsd }[wanted] === undefined) say(`must be the maximum, in ${unit === 'usd' ? 'USD' : unit}`, wanted);
  if ({ max, maxUsd }[other] !== undefined) say(`must be left out for the unit ${unit}`, other);
  checkMaxima(policy, say);
  if (atPayi && !mayBeAtPayi(policy))
    say('must be false: at Pay-i there are only limits in USD, of a day and longer', 'atPayi');
}

function checkMaxima({ scope, unit, maxima = {} }: Members, say: (message: string, ...path: string[]) => void): void {
  const names = Object.keys(maxima);
  const [first] = partsOf(scope);
  if (names.length > 0 && first === 'global') say('must be left out for the scope global', 'maxima');
  if (names.length > 0 && first === 'user')
    say(
      'must be left out for users: set an override for one user, which keeps e-mail addresses out of policies',
      'maxima',
    );
  for (const [name, figure] of Object.entries(maxima)) {
    if (unit === 'usd' && figure > MOST_USD) say(`must be at most ${MOST_USD}`, 'maxima', name);
    if (unit !== 'usd' && !Number.isInteger(figure)) say('must be a whole number', 'maxima', name);
  }
}

/** True where the limits of a policy can exist at Pay-i, which counts USD: one for each minute or hour would be too many. */
export const mayBeAtPayi = ({ window, unit }: Pick<Members, 'window' | 'unit'>): boolean =>
  unit === 'usd' && window !== 'minute' && window !== 'hour';
