import { parseLimitId } from '../policies/limit-id.ts';
import { existsAtPayi } from '../policies/policy.ts';
import { readState } from '../state/change-state.ts';
import type { StateRow } from '../state/limit-rows.ts';
import { type Correction, correctAbandoned } from './correct-abandoned.ts';
import { policyOfLimit } from './deleted-policy.ts';
import { type LimitView, viewOf } from './limit-view.ts';
import { isListed, type LimitReading } from './read-limits.ts';
import { limitNotFound, resetLimit } from './reset-limit.ts';

/** Resets a limit without a window and reads it again. @throws LimitError 404, 409 */
export async function resetAndRead(
  service: LimitReading,
  limitId: string,
  who: string,
  resetId?: string,
): Promise<LimitView> {
  if (!isListed(service, limitId) && !(await readState(service.limits, limitId))) throw limitNotFound(limitId);
  const policy = service.policies.find(parseLimitId(limitId)?.policyName ?? '');
  const payi = !policy || existsAtPayi(policy) ? service.payi : undefined;
  const state = await resetLimit({ ...service, payi }, limitId, who, resetId);
  return viewAfter(service, limitId, state);
}

/** Corrects what is booked for calls of unknown outcome and reads the limit again. @throws LimitError 400, 404, 409 */
export async function correctAndRead(
  service: LimitReading,
  limitId: string,
  who: string,
  correction: Correction,
): Promise<LimitView> {
  const state = await correctAbandoned(service, limitId, who, correction);
  return viewAfter(service, limitId, state);
}

function viewAfter({ policies, clock }: LimitReading, limitId: string, state: StateRow): LimitView {
  return viewOf(limitId, policyOfLimit(policies, limitId, state.maxNano), clock.now(), state);
}
