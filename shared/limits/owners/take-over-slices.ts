import { odata } from '@azure/data-tables';
import { TableUncertainError } from '../../tables/errors.ts';
import type { Change, Stored } from '../../tables/table.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { toUsd } from '../../util/money.ts';
import { changeState, type StateDeps } from '../state/change-state.ts';
import { larger, moveLevel, spentOf } from '../state/limit-math.ts';
import { stateKey } from '../state/limit-place.ts';
import type { AllocationRow, LimitRow, StateRow } from '../state/limit-rows.ts';

export interface TakeOverOptions extends StateDeps {
  /** What was held counts as spent, and so brought a limit to its level. */
  crossed(limitId: string, state: StateRow): void;
  telemetry: Telemetry;
}

/** Writes of one partition share requests, so many may be under way. */
const SLICES_AT_ONCE = 100;

/**
 * The slices of a dead process in one partition become spent. `inFlight`: what its calls in flight held, by limit, in
 * nano-USD.
 */
export async function takeOverSlices(
  options: TakeOverOptions,
  ownerId: string,
  partitionKey: string,
  inFlight: ReadonlyMap<string, bigint>,
): Promise<void> {
  const { limits } = options;
  const own = { partitionKey, where: odata`ownerId eq ${ownerId}` };
  if ((await all<AllocationRow>(limits.query(own))).length === 0) return;
  // The states come first: a slice that changes after its state was read makes the write fail.
  const states = await all<StateRow>(limits.query({ partitionKey, where: 'level ge 0' }));
  const known = new Map(states.map((state) => [state.rowKey, state]));
  const slices = await all<AllocationRow>(limits.query(own));
  await inParallel(slices, SLICES_AT_ONCE, (slice) =>
    takeOver(options, slice, known.get(stateKey(slice.sliceOf).rowKey), inFlight.get(slice.sliceOf) ?? 0n),
  );
}

async function all<R extends LimitRow>(rows: AsyncIterable<Stored<LimitRow>>): Promise<Stored<R>[]> {
  const found: Stored<R>[] = [];
  for await (const row of rows) found.push(row as unknown as Stored<R>);
  return found;
}

/** A slice becomes spent, in one transaction. `known`: its state, read before it. */
async function takeOver(
  options: TakeOverOptions,
  found: AllocationRow,
  known: Stored<StateRow> | undefined,
  inFlight: bigint,
): Promise<void> {
  const { limits, clock, telemetry, crossed } = options;
  const { sliceOf: limitId, ownerId, partitionKey, rowKey } = found;
  let abandoned = 0n;
  let level: number | undefined;
  const change = async (state: StateRow, slice: AllocationRow | undefined) => {
    if (!slice) return undefined;
    // Where budget is set aside, it covers every call in flight, and the list of calls may be older: a call that it still names
    // can be settled. Where none is set aside (limits that only report), the list is all there is.
    abandoned = slice.amountNano > 0n ? slice.amountNano : inFlight;
    const next = {
      ...state,
      settledNano: state.settledNano + abandoned,
      abandonedNano: state.abandonedNano + abandoned,
      heldNano: state.heldNano - slice.amountNano,
      idleNano: state.idleNano - slice.idleNano,
      figuresAtMs: clock.now(),
    };
    level = moveLevel(next, next.maxNano, spentOf(next), clock.now());
    const removal: Change<LimitRow> = { kind: 'delete', key: { partitionKey, rowKey } };
    return { state: next, also: [removal] };
  };
  const look = async () => (await limits.get(partitionKey, rowKey)) as AllocationRow | undefined;
  let isFirst = known !== undefined;
  const work = (from?: Stored<StateRow>) =>
    changeState(
      options,
      limitId,
      async (state) => {
        const slice = isFirst ? found : await look();
        isFirst = false;
        return change(state, slice);
      },
      from,
    );
  // Without an answer the next look tells: the slice is gone or it is not.
  const state = await work(known && { ...known, limitId }).catch((error: unknown) => {
    if (!(error instanceof TableUncertainError)) throw error;
    return work();
  });
  if (level !== undefined) crossed(limitId, state);
  if (abandoned === 0n) return;
  const unnamed = larger(0n, abandoned - inFlight);
  telemetry.error('slice-abandoned', {
    ownerId,
    limitId,
    abandonedUsd: toUsd(abandoned),
    withoutCallUsd: toUsd(unnamed),
  });
  telemetry.count('slices-abandoned');
}
