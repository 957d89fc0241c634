import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Clock } from '../../util/clock.ts';
import { AllocationLostError } from '../allocation/allocation.ts';
import { type LimitReachedError, LimitsUnreadableError } from '../policies/errors.ts';
import { type Refusal, strictestOf, type Take, takeAll } from './take-limits.ts';

interface GrowDeps {
  clock: Clock;
  telemetry: Telemetry;
  refuse(refusal: Refusal): LimitReachedError;
}

/**
 * Takes what each limit holds less than is wanted of it, on all of them or on none. Gives it back where the call was settled
 * in the meantime. @returns the takes that grew
 * @throws LimitReachedError, LimitsUnreadableError; then nothing is taken
 */
export async function growTakes(
  takes: Take[],
  wantedOf: (take: Take) => bigint,
  isSettled: () => boolean,
  deps: GrowDeps,
): Promise<Take[]> {
  const short = takes.filter((take) => take.amount < wantedOf(take));
  const more = short.map((take) => ({ ...take, amount: wantedOf(take) - take.amount }));
  const refusals = await takeAll(more, deps).catch((error: unknown) => {
    // What this process held counts as spent, so it has nothing to take from.
    if (error instanceof AllocationLostError) throw new LimitsUnreadableError('The budget of this call', error);
    throw error;
  });
  const refusal = strictestOf(refusals);
  if (refusal) throw deps.refuse(refusal);
  if (isSettled()) {
    for (const { account, amount } of more) account.release(amount);
    return [];
  }
  for (const take of short) take.amount = wantedOf(take);
  return short;
}
