import type { Caller } from '../../identity/caller.ts';
import type { Limits } from '../../payi/limits.ts';
import { PayiError } from '../../payi/transport/error.ts';
import { toUsd } from '../../util/money.ts';
import type { LimitService } from '../limit-service.ts';
import { spentAtPayi } from '../payi/payi-mirror.ts';
import { expandPolicies, parseLimitId, type ScopedCall } from '../policies/limit-id.ts';
import { existsAtPayi, type Policy, policySchema } from '../policies/policy.ts';
import { PolicyError } from '../policies/policy-book.ts';
import { type PolicyUpdate, updated } from '../policies/policy-requests.ts';
import { readState } from '../state/change-state.ts';
import { currentStates } from '../state/current-states.ts';
import { type Correction, correctAbandoned } from './correct-abandoned.ts';
import { type LimitView, viewOf } from './list-limits.ts';
import { limitNotFound, resetLimit } from './reset-limit.ts';

type Reading = Pick<LimitService, 'limits' | 'policies' | 'clock' | 'random' | 'payi'>;

/** All limits of the current periods that were used, and those without a key of their own even if unused. */
export async function allLimits({ limits, policies, clock }: Reading): Promise<LimitView[]> {
  const views: LimitView[] = [];
  const now = clock.now();
  for (const policy of policies.current()) {
    const seen = new Set<string>();
    for await (const state of currentStates(limits, policy, now)) {
      seen.add(state.limitId);
      views.push(viewOf(state.limitId, policy, state));
    }
    for (const { limitId } of policy.scope === 'global' ? expandPolicies([policy], everyCall(now, policy)) : []) {
      if (!seen.has(limitId)) views.push(viewOf(limitId, policy));
    }
  }
  return inOrder(views);
}

/** True for a limit of the current period without a key of its own: it is listed before any call has counted against it. */
function isListed({ policies, clock }: Reading, limitId: string): boolean {
  const policy = policies.find(parseLimitId(limitId)?.policyName ?? '');
  if (policy?.scope !== 'global') return false;
  const now = clock.now();
  return expandPolicies([policy], everyCall(now, policy)).some((limit) => limit.limitId === limitId);
}

/** The limits that a caller's calls count against: those of every use case that was called, and the caller's own. */
export async function limitsOfCaller(
  { limits, policies, clock }: Reading,
  { userId, accountName, key }: Pick<Caller, 'userId' | 'accountName' | 'key'>,
): Promise<LimitView[]> {
  const now = clock.now();
  const views: LimitView[] = [];
  for (const policy of policies.current()) {
    if (policy.scope === 'use_case') {
      if (!policy.enabled) continue;
      for await (const state of currentStates(limits, policy, now)) {
        views.push(viewOf(state.limitId, policy, state));
      }
      continue;
    }
    const call = {
      ...everyCall(now, policy),
      userId,
      ...(accountName !== undefined && { accountName }),
      ...(key && { keyName: key.name }),
    };
    for (const { limitId } of expandPolicies([policy], call)) {
      views.push(viewOf(limitId, policy, await readState(limits, limitId)));
    }
  }
  return inOrder(views);
}

/** Limits that share partitions come in the order of those. */
const inOrder = (views: LimitView[]): LimitView[] => views.sort((a, b) => (a.limitId < b.limitId ? -1 : 1));

/** A limit with Pay-i's own counts of requests by state. */
export interface LimitDetails extends LimitView {
  requests: Record<string, number>;
}

/** One limit that a call has counted against, or that is listed for this caller. @throws LimitError 404 */
export async function limitDetails(reading: Reading, limitId: string, caller: Caller): Promise<LimitDetails> {
  const { limits, policies, payi } = reading;
  const isAdmin = caller.role === 'admin';
  const own = isAdmin ? [] : await limitsOfCaller(reading, caller);
  const listed = isAdmin ? isListed(reading, limitId) : own.some((limit) => limit.limitId === limitId);
  const state = listed || isAdmin ? await readState(limits, limitId) : undefined;
  if (!listed && !state) throw limitNotFound(limitId);
  const policy =
    policies.find(parseLimitId(limitId)?.policyName ?? '') ?? policyOfState(limitId, toUsd(state?.maxNano ?? 0n));
  const view = viewOf(limitId, policy, state);
  const atPayi = existsAtPayi(policy) ? await fresh(payi, limitId) : undefined;
  if (!atPayi) return { ...view, requests: JSON.parse(state?.payiRequests ?? '{}') as Record<string, number> };
  return {
    ...view,
    payi: { ...view.payi, spentUsd: toUsd(spentAtPayi(atPayi)) },
    requests: atPayi.totals?.requests ?? {},
  };
}

/** What is kept here answers while Pay-i does not. */
const fresh = (payi: Limits, limitId: string) =>
  payi.get(limitId).catch((error: unknown) => {
    if (!(error instanceof PayiError)) throw error;
    return undefined;
  });

/** @throws PolicyError 409 when there is one of this name */
export async function createPolicy({ policies }: Reading, policy: Policy, who: string): Promise<Policy> {
  await policies.change(policy.name, who, (before) => {
    if (before) {
      const text = `There is a limit ${policy.name} already. Change it with PUT /api/limits/${policy.name}.`;
      throw new PolicyError('limit_exists', text, { status: 409 });
    }
    return policy;
  });
  return policy;
}

/** `id`: the name of the policy. @returns the policy before and after @throws LimitError 404 */
export async function updatePolicy(
  service: Reading,
  id: string,
  who: string,
  change: PolicyUpdate,
): Promise<{ before: Policy; after: Policy }> {
  const { before, after } = await changePolicy(service, policyNameOf(id), who, (policy) => updated(policy, change));
  return { before, after: after as Policy };
}

/** Returns the policy that it was. What its limits have counted stays, here and at Pay-i. @throws LimitError 404 */
export async function deletePolicy(service: Reading, id: string, who: string): Promise<Policy> {
  return (await changePolicy(service, policyNameOf(id), who, () => undefined)).before;
}

/** The policies as they stand, and who changed them. */
export async function readPolicies({ policies }: Reading) {
  await policies.reload();
  return { policies: [...policies.current()], changes: await policies.changes() };
}

async function changePolicy(
  { policies }: Reading,
  name: string,
  who: string,
  change: (before: Policy) => Policy | undefined,
): Promise<{ before: Policy; after: Policy | undefined }> {
  let found: Policy | undefined;
  const after = await policies.change(name, who, (before) => {
    if (!before) throw limitNotFound(name);
    found = before;
    return change(before);
  });
  // `change` was called at least once, or has thrown.
  return { before: found as Policy, after };
}

/** Resets a limit without a window and reads it again. @throws LimitError 404, 409 */
export async function resetAndRead(
  service: Reading,
  limitId: string,
  who: string,
  resetId?: string,
): Promise<LimitView> {
  if (!isListed(service, limitId) && !(await readState(service.limits, limitId))) throw limitNotFound(limitId);
  const state = await resetLimit(service, limitId, who, resetId);
  const policy = service.policies.find(parseLimitId(limitId)?.policyName ?? '');
  return viewOf(limitId, policy ?? policyOfState(limitId, toUsd(state.maxNano)), state);
}

/** Corrects what is booked for calls of unknown outcome and reads the limit again. @throws LimitError 400, 404, 409 */
export async function correctAndRead(
  service: Reading,
  limitId: string,
  who: string,
  correction: Correction,
): Promise<LimitView> {
  const state = await correctAbandoned(service, limitId, who, correction);
  const policy = service.policies.find(parseLimitId(limitId)?.policyName ?? '');
  return viewOf(limitId, policy ?? policyOfState(limitId, toUsd(state.maxNano)), state);
}

/** The name of a policy, of a path. @throws LimitError 404 for anything else, such as the id of one limit of a policy */
function policyNameOf(text: string): string {
  if (policySchema.shape.name.safeParse(text).success) return text;
  throw limitNotFound(text);
}

const everyCall = (nowMs: number, policy: Policy): ScopedCall => ({
  useCaseName: policy.useCases?.[0] ?? 'any',
  occurredAtMs: nowMs,
});

/** A limit whose policy was deleted: what of it is still known. */
function policyOfState(limitId: string, maxUsd: number): Policy {
  const { policyName: name = 'deleted', period = 'always', key } = parseLimitId(limitId) ?? {};
  const window = period === 'always' ? 'none' : period.length === 7 ? 'month' : 'day';
  return policySchema.parse({
    name,
    scope: key === undefined ? 'global' : 'user',
    window,
    maxUsd: Math.max(maxUsd, 1e-9),
    type: 'allow',
    enabled: false,
  });
}
