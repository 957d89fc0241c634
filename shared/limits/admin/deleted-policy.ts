import { DAY_MS } from '../../util/days.ts';
import { parseLimitId } from '../policies/limit-id.ts';
import { readPeriod } from '../policies/period.ts';
import { type Policy, policySchema } from '../policies/policy.ts';
import type { PolicyBook } from '../policies/policy-book.ts';
import { toFigure } from '../policies/units.ts';
import { larger } from '../state/limit-math.ts';

/** The policy of a limit; where it was deleted, or counts something else by now, what of it is still known. `max`: in its unit. */
export function policyOfLimit(policies: Pick<PolicyBook, 'find' | 'forLimit'>, limitId: string, max = 0n): Policy {
  const { policyName: name = 'deleted', period = 'always', unit = 'usd', key } = parseLimitId(limitId) ?? {};
  const found = policies.find(name);
  if (found?.unit === unit) return policies.forLimit(found, limitId);
  const figure = toFigure(unit, larger(max, 1n));
  return policySchema.parse({
    name,
    scope: key === undefined ? 'global' : 'user',
    ...windowOf(period),
    unit,
    ...(unit === 'usd' ? { maxUsd: figure } : { max: figure }),
    type: 'allow',
    enabled: false,
  });
}

/** A window with periods of this length. */
function windowOf(text: string): Pick<Policy, 'window' | 'days' | 'start'> {
  const { fromMs, toMs } = readPeriod(text) ?? {};
  if (fromMs === undefined || toMs === undefined || !Number.isFinite(toMs)) return { window: 'none' };
  const days = Math.round((toMs - fromMs) / DAY_MS);
  if (days === 0) return { window: toMs - fromMs < DAY_MS / 24 ? 'minute' : 'hour' };
  if (days === 1) return { window: 'day' };
  if (text.length === 'YYYY-MM'.length) return { window: 'month' };
  return { window: 'days', days, start: { date: new Date(fromMs).toISOString().slice(0, 10) } };
}
