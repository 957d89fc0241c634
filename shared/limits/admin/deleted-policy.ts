import { DAY_MS } from '../../util/days.ts';
import { parseLimitId } from '../policies/limit-id.ts';
import { readPeriod } from '../policies/period.ts';
import { type Policy, policySchema } from '../policies/policy.ts';

/** The policy of a limit whose own one was deleted: what of it is still known. */
export function policyOfState(limitId: string, maxUsd: number): Policy {
  const { policyName: name = 'deleted', period = 'always', key } = parseLimitId(limitId) ?? {};
  return policySchema.parse({
    name,
    scope: key === undefined ? 'global' : 'user',
    ...windowOf(period),
    maxUsd: Math.max(maxUsd, 1e-9),
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
