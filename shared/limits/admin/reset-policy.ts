import { inParallel } from '../../util/in-parallel.ts';
import type { LimitService } from '../limit-service.ts';
import { existsAtPayi } from '../policies/policy.ts';
import { currentStates } from '../state/current-states.ts';
import { hasWindow, limitNotFound, resetLimit } from './reset-limit.ts';

/** How many limits of a policy were set to 0, and how many are left for a repetition. */
export interface PolicyReset {
  policy: string;
  reset: number;
  left: number;
}

const AT_ONCE = 8;
/** No limit is begun after that; a host ends requests after 230 s. */
const BEGIN_WITHIN_MS = 60_000;

/**
 * Sets all limits of a policy without a window to 0. A repetition with the same `resetId` goes on where the first one ended.
 * @throws LimitError 404, 409 for a policy with a window
 */
export async function resetPolicy(
  service: Pick<LimitService, 'limits' | 'policies' | 'clock' | 'random' | 'payi'>,
  name: string,
  who: string,
  resetId: string,
): Promise<PolicyReset> {
  const { policies, limits, clock } = service;
  await policies.reload();
  const policy = policies.find(name);
  if (!policy) throw limitNotFound(name);
  if (policy.window !== 'none') throw hasWindow(name);
  const due: string[] = [];
  for await (const state of currentStates(limits, policy, clock.now())) {
    if (resetId === '' || state.resetId !== resetId) due.push(state.limitId);
  }
  const untilMs = clock.now() + BEGIN_WITHIN_MS;
  const deps = existsAtPayi(policy) ? service : { ...service, payi: undefined };
  let reset = 0;
  await inParallel(due, AT_ONCE, async (limitId) => {
    if (clock.now() >= untilMs) return;
    await resetLimit(deps, limitId, who, resetId);
    reset += 1;
  });
  return { policy: name, reset, left: due.length - reset };
}
