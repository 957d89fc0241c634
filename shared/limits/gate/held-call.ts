import type { HeldCall } from '../owners/owner-rows.ts';
import { enforces } from '../state/limit-math.ts';
import type { Hold, HoldRequest } from './gate.ts';
import type { Take } from './take-limits.ts';

/** What of a call in flight must survive its process (L2). */
export function heldCall(
  { id, heldNanoUsd, limitIds }: Pick<Hold, 'id' | 'heldNanoUsd' | 'limitIds'>,
  request: HoldRequest,
  takes: readonly Take[],
): HeldCall {
  const { eventId, category, resource, useCaseName, useCaseId, userId, accountName, keyName, occurredAtMs } = request;
  return {
    holdId: id,
    eventId,
    category,
    resource,
    useCaseName,
    useCaseId,
    ...(userId !== undefined && { userId }),
    ...(accountName !== undefined && { accountName }),
    ...(keyName !== undefined && { keyName }),
    occurredAtMs,
    held: String(heldNanoUsd),
    limitIds: takes.map(({ limit }) => limit.limitId),
    reporting: takes.filter(({ limit }) => !enforces(limit.policy)).map(({ limit }) => limit.limitId),
    limitIdsAtPayi: limitIds,
    ...countsOf(takes),
  };
}

/** What limits hold that do not count USD. */
function countsOf(takes: readonly Take[]): Pick<HeldCall, 'counts'> {
  const counted = takes.filter(({ limit }) => limit.policy.unit !== 'usd');
  if (counted.length === 0) return {};
  return { counts: Object.fromEntries(counted.map(({ limit, amount }) => [limit.limitId, String(amount)])) };
}
