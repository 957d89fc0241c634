import type { Gate, HoldRequest, LastingHolds } from '../../limits/gate/gate.ts';
import { LimitReachedError } from '../../limits/policies/errors.ts';
import { type Dimension, dimensions, type GroupValues } from '../usage-group.ts';
import type { RefusalTally } from './refusal-tally.ts';

/** A gate whose refusals are counted, or one for holds that last. */
export const countRefusals = <G extends Gate | LastingHolds>(gate: G, tally: Pick<RefusalTally, 'add'>): G => ({
  ...gate,
  async hold(request: HoldRequest, id: string) {
    try {
      return await gate.hold(request, id);
    } catch (error) {
      if (error instanceof LimitReachedError) tally.add(valuesOf(request), request.occurredAtMs);
      throw error;
    }
  },
});

/** The gate does not know versions and steps. */
function valuesOf({ userId, useCaseName, accountName, keyName, category, resource }: HoldRequest): GroupValues {
  const values: Partial<Record<Dimension, string | undefined>> = {
    user: userId,
    useCase: useCaseName,
    account: accountName,
    key: keyName,
    category,
    model: resource,
    outcome: 'refused',
  };
  return dimensions.map((dimension) => values[dimension] ?? '');
}
