import type { LimitService } from '../limit-service.ts';
import { entityTag } from '../policies/changes/entity-tag.ts';
import { stepsBetween } from '../policies/changes/policy-difference.ts';
import type { PolicyStep } from '../policies/changes/policy-trail.ts';
import { type Policy, policySchema } from '../policies/policy.ts';
import { PolicyError } from '../policies/policy-book.ts';
import { type PolicyUpdate, updated } from '../policies/policy-requests.ts';
import { requireMatch } from './require-match.ts';
import { LimitError, limitNotFound } from './reset-limit.ts';

type Changing = Pick<LimitService, 'policies'>;

/** Who changes what. `ifMatch`: the ETag of what its author saw. */
export interface PolicyAuthor {
  who: string;
  ifMatch: string | null;
}

/** @throws PolicyError 409 when there is one of this name */
export async function createPolicy({ policies }: Changing, policy: Policy, who: string): Promise<Policy> {
  await policies.change(policy.name, who, (before) => {
    if (before) {
      const text = `There is a limit ${policy.name} already. Change it with PUT /api/limits/${policy.name}.`;
      throw new PolicyError('limit_exists', text, { status: 409 });
    }
    return policy;
  });
  return policy;
}

/** `id`: the name of the policy. @returns the policy before and after @throws LimitError 404; RequestError 412, 428 */
export async function updatePolicy(
  service: Changing,
  id: string,
  author: PolicyAuthor,
  change: PolicyUpdate,
): Promise<{ before: Policy; after: Policy }> {
  const { before, after } = await changePolicy(service, policyNameOf(id), author, (policy) => updated(policy, change));
  return { before, after: after as Policy };
}

/** Returns the policy that it was. What its limits have counted stays, here and at Pay-i. @throws LimitError 404; RequestError 412, 428 */
export async function deletePolicy(service: Changing, id: string, author: PolicyAuthor): Promise<Policy> {
  return (await changePolicy(service, policyNameOf(id), author, () => undefined)).before;
}

/**
 * Takes back the last change of a policy, a deletion too: it is again what it was before. `changeId` names the change, so that
 * nothing else is taken back.
 * @throws LimitError 404 for a policy that was never changed; 409 when the change is not the last one
 */
export async function undoChange(
  { policies }: Changing,
  name: string,
  who: string,
  changeId: string,
): Promise<{ before: Policy | undefined; after: Policy | undefined }> {
  const [last] = await policies.changes(name);
  if (!last) throw limitNotFound(name);
  if (last.id !== changeId) throw notTheLast(name, last.id);
  let found: Policy | undefined;
  const after = await policies.change(name, who, (before) => {
    // Another change came in between.
    if (entityTag(before ?? null) !== entityTag(last.to)) throw notTheLast(name, undefined);
    found = before;
    return last.from ?? undefined;
  });
  return { before: found, after };
}

/** What would be done to make the policies those of a list, or was done. */
export interface PolicyPlan {
  changes: { name: string; change: 'create' | 'update' | 'delete'; before: Policy | null; after: Policy | null }[];
  /** Of all policies: before a plan is applied, and after it. */
  etag: string;
}

/** What `applyPolicies` would do; changes nothing. */
export async function planPolicies({ policies }: Changing, wanted: readonly Policy[]): Promise<PolicyPlan> {
  await policies.reload();
  const before = policies.current();
  return { changes: stepsBetween(before, wanted).map(planned), etag: tagOfAll(before) };
}

/** Makes the policies those of the list; others are deleted. @throws PolicyError 400; RequestError 412, 428 */
export async function applyPolicies(
  { policies }: Changing,
  wanted: readonly Policy[],
  { who, ifMatch }: PolicyAuthor,
): Promise<PolicyPlan> {
  const steps = await policies.changeAll(who, (before) => {
    requireMatch(ifMatch, tagOfAll(before));
    return wanted;
  });
  return { changes: steps.map(planned), etag: tagOfAll(policies.current()) };
}

/** The policies as they stand, their ETags, and who changed them. */
export async function readPolicies({ policies }: Changing) {
  await policies.reload();
  const current = [...policies.current()];
  return {
    policies: current,
    etag: tagOfAll(current),
    etags: Object.fromEntries(current.map((policy) => [policy.name, entityTag(policy)])),
    changes: await policies.changes(),
  };
}

/** One policy with its history, also one that was deleted. @throws LimitError 404 */
export async function readPolicy({ policies }: Changing, name: string) {
  await policies.reload();
  const policy = policies.find(policyNameOf(name)) ?? null;
  const changes = await policies.changes(name);
  if (!policy && changes.length === 0) throw limitNotFound(name);
  return { policy, etag: policy && entityTag(policy), changes };
}

/** The order of policies means nothing. */
const tagOfAll = (policies: readonly Policy[]): string =>
  entityTag([...policies].sort((a, b) => (a.name < b.name ? -1 : 1)));

const planned = ({ name, before, after }: PolicyStep): PolicyPlan['changes'][number] => ({
  name,
  change: !before ? 'create' : after ? 'update' : 'delete',
  before: before ?? null,
  after: after ?? null,
});

const notTheLast = (name: string, lastId: string | undefined): LimitError =>
  new LimitError('change_overtaken', `It is not the last change of ${name}. Only that can be taken back.`, {
    status: 409,
    details: { ...(lastId !== undefined && { last: lastId }) },
  });

async function changePolicy(
  { policies }: Changing,
  name: string,
  { who, ifMatch }: PolicyAuthor,
  change: (before: Policy) => Policy | undefined,
): Promise<{ before: Policy; after: Policy | undefined }> {
  let found: Policy | undefined;
  const after = await policies.change(name, who, (before) => {
    if (!before) throw limitNotFound(name);
    requireMatch(ifMatch, entityTag(before));
    found = before;
    return change(before);
  });
  // `change` was called at least once, or has thrown.
  return { before: found as Policy, after };
}

/** The name of a policy, of a path. @throws LimitError 404 for anything else, such as the id of one limit of a policy */
export function policyNameOf(text: string): string {
  if (policySchema.shape.name.safeParse(text).success) return text;
  throw limitNotFound(text);
}
