import { limitAtPayi } from '../limits/payi/limit-at-payi.ts';
import { expandPolicies, parseLimitId } from '../limits/policies/limit-id.ts';
import type { Overrides } from '../limits/policies/overrides/override.ts';
import { existsAtPayi, type Policy } from '../limits/policies/policy.ts';
import type { PayiClient } from '../payi/client.ts';
import type { CreateLimit } from '../payi/limits.ts';
import type { UseCase } from '../use-cases/use-case.ts';
import { foundWith, type SetupOutcome } from './item.ts';

/**
 * The limits of the current periods (`nowMs`: ms, UTC) that no key of a user or account is needed for. Those of users, accounts and
 * later periods are made when the first event counts against them.
 */
export function limitsToSetUp(
  policies: readonly Policy[],
  useCases: readonly UseCase[],
  nowMs: number,
  overrides?: Overrides,
): CreateLimit[] {
  const atPayi = policies.filter(existsAtPayi);
  const limits = useCases.flatMap(({ name }) =>
    expandPolicies(atPayi, { useCaseName: name, occurredAtMs: nowMs }, overrides),
  );
  const byId = new Map(
    limits.map(({ limitId, policy }) => [limitId, limitAtPayi(limitId, policy, parseLimitId(limitId)?.period ?? '')]),
  );
  return [...byId.values()];
}

/** Makes a limit equal to its policy. Without `write` it only says what would be done. @throws PayiError */
export async function setUpLimit(payi: PayiClient, wanted: CreateLimit, write: boolean): Promise<SetupOutcome> {
  const { limit_id: id = '', max, threshold } = wanted;
  const found = await payi.limits.get(id);
  if (!found) {
    if (write) await payi.limits.create(wanted);
    return { result: 'created' };
  }
  if (found.limit_type === 'block') {
    const reason = 'Pay-i has it as block and refuses events that count against it: delete it there first';
    return { result: 'failed', reason };
  }
  if (write && found.max !== max) await payi.limits.update(id, { max });
  const stays =
    (found.threshold ?? undefined) === threshold
      ? undefined
      : `its threshold stays ${found.threshold ?? 'unset'} at Pay-i, which can't change it; here it is ${threshold ?? 'unset'}`;
  return foundWith(found.max === max ? [] : [{ member: 'max', from: found.max, to: max }], stays);
}
