import type { Telemetry } from '../../telemetry/telemetry.ts';
import { unitOf } from '../policies/limit-id.ts';
import { figuresOf } from '../policies/units.ts';
import { larger } from '../state/limit-math.ts';
import { type EndOptions, endSlices } from './end-slices.ts';
import { type HeldCall, heldByLimit } from './owner-rows.ts';

export interface TakeOverOptions extends EndOptions {
  telemetry: Telemetry;
}

/** The slices of a dead owner in one partition become spent. `calls`: those that it had in flight, as far as is known. False: the time did not suffice. */
export async function takeOverSlices(
  options: TakeOverOptions,
  ownerId: string,
  partitionKey: string,
  calls: readonly HeldCall[],
): Promise<boolean> {
  const { telemetry } = options;
  const inFlight = heldByLimit(calls);
  const reported = heldByLimit(calls, ({ reporting, limitIds }) => reporting ?? limitIds);
  return endSlices(
    options,
    ownerId,
    partitionKey,
    ({ amountNano, sliceOf }) => {
      // Where budget is set aside, it covers every call in flight, and the list of calls may be older: a call that it still names
      // can be settled, also the last one. For limits that only report, the list is all there is.
      const abandoned = amountNano > 0n ? amountNano : (reported.get(sliceOf) ?? 0n);
      return { settledNano: abandoned, abandonedNano: abandoned, missedNano: 0n };
    },
    ({ sliceOf: limitId }, { abandonedNano }) => {
      if (abandonedNano === 0n) return;
      const unnamed = larger(0n, abandonedNano - (inFlight.get(limitId) ?? 0n));
      telemetry.error('slice-abandoned', {
        ownerId,
        limitId,
        ...figuresOf(unitOf(limitId), { abandoned: abandonedNano, withoutCall: unnamed }),
      });
      telemetry.count('slices-abandoned');
    },
  );
}
