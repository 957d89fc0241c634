import { limitGroup } from '../limits/policies/limit-id.ts';
import { existsAtPayi, type Policy } from '../limits/policies/policy.ts';
import { windowAt } from '../limits/policies/window.ts';
import type { PayiClient } from '../payi/client.ts';
import { fromUsd, toUsd } from '../util/money.ts';

/** The only sum of a day that Pay-i has: what it counted for a limit of all calls of that day. USD. */
export interface PayiSum {
  limitId: string;
  /** By our prices: the events that Pay-i took. */
  ledger: number;
  payi: number;
  /** Pay-i less ledger, beyond rounding. */
  difference: number;
}

/** True where each call of a UTC day counts against the policy's limit of that day, at Pay-i too. */
const hasAllOfDay = (policy: Policy): boolean =>
  policy.enabled &&
  policy.scope === 'global' &&
  policy.window === 'day' &&
  policy.unit === 'usd' &&
  policy.zone === undefined &&
  policy.start === undefined &&
  policy.useCases === undefined &&
  policy.models === undefined &&
  existsAtPayi(policy);

/** Null where no policy has such a limit, or Pay-i does not have it. @throws PayiError */
export async function readPayiSum(
  payi: Pick<PayiClient, 'limits'>,
  policies: readonly Policy[],
  taken: { startMs: number; events: number; cost: bigint },
): Promise<PayiSum | null> {
  const policy = policies.find(hasAllOfDay);
  if (!policy) return null;
  const limitId = limitGroup(policy, windowAt(policy, taken.startMs));
  const usd = (await payi.limits.get(limitId))?.totals?.cost?.total?.base;
  if (usd == null) return null;
  const difference = fromUsd(usd) - taken.cost;
  const rounding = BigInt(taken.events) + 1n;
  const isRounding = difference <= rounding && difference >= -rounding;
  return { limitId, ledger: toUsd(taken.cost), payi: usd, difference: isRounding ? 0 : toUsd(difference) };
}
