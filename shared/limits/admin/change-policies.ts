import type { LimitService } from '../limit-service.ts';
import { type Policy, policySchema } from '../policies/policy.ts';
import { PolicyError } from '../policies/policy-book.ts';
import { type PolicyUpdate, updated } from '../policies/policy-requests.ts';
import { limitNotFound } from './reset-limit.ts';

type Changing = Pick<LimitService, 'policies'>;

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

/** `id`: the name of the policy. @returns the policy before and after @throws LimitError 404 */
export async function updatePolicy(
  service: Changing,
  id: string,
  who: string,
  change: PolicyUpdate,
): Promise<{ before: Policy; after: Policy }> {
  const { before, after } = await changePolicy(service, policyNameOf(id), who, (policy) => updated(policy, change));
  return { before, after: after as Policy };
}

/** Returns the policy that it was. What its limits have counted stays, here and at Pay-i. @throws LimitError 404 */
export async function deletePolicy(service: Changing, id: string, who: string): Promise<Policy> {
  return (await changePolicy(service, policyNameOf(id), who, () => undefined)).before;
}

/** The policies as they stand, and who changed them. */
export async function readPolicies({ policies }: Changing) {
  await policies.reload();
  return { policies: [...policies.current()], changes: await policies.changes() };
}

async function changePolicy(
  { policies }: Changing,
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

/** The name of a policy, of a path. @throws LimitError 404 for anything else, such as the id of one limit of a policy */
function policyNameOf(text: string): string {
  if (policySchema.shape.name.safeParse(text).success) return text;
  throw limitNotFound(text);
}
