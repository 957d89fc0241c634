import { odata } from '@azure/data-tables';
import { TableUncertainError } from '../../tables/errors.ts';
import type { Change, Stored } from '../../tables/table.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { changeState, type StateDeps } from '../state/change-state.ts';
import { moveLevel, spentOf } from '../state/limit-math.ts';
import { stateKey } from '../state/limit-place.ts';
import type { AllocationRow, LimitRow, StateRow } from '../state/limit-rows.ts';

export interface EndOptions extends StateDeps {
  /** What a slice came to brought a limit to this level. */
  crossed(limitId: string, state: StateRow): void;
  /** No slice is begun after this: ms, UTC. */
  untilMs?: number;
}

/** What a slice comes to when it ends, in the limit's unit. */
export interface SliceEnd {
  settledNano: bigint;
  /** The part of it that nobody knows for certain (L2). */
  abandonedNano: bigint;
  /** What it cost beyond what was held. */
  missedNano: bigint;
}

/** Writes of one partition share requests, so many may be under way. */
const SLICES_AT_ONCE = 100;

/**
 * Ends the slices of an owner in one partition: each is removed, and what it came to is settled, in one transaction. A slice that
 * is gone changes nothing, so this may be repeated.
 * @param ended called once for each slice that this call ended
 * @returns false where the time did not suffice
 */
export async function endSlices(
  options: EndOptions,
  ownerId: string,
  partitionKey: string,
  endOf: (slice: AllocationRow) => SliceEnd,
  ended: (slice: AllocationRow, end: SliceEnd) => void = () => undefined,
): Promise<boolean> {
  const { limits, clock, untilMs = Number.POSITIVE_INFINITY } = options;
  const own = { partitionKey, where: odata`ownerId eq ${ownerId}` };
  if ((await all<AllocationRow>(limits.query(own))).length === 0) return true;
  // The states come first: a slice that changes after its state was read makes the write fail.
  const states = await all<StateRow>(limits.query({ partitionKey, where: 'level ge 0' }));
  const known = new Map(states.map((state) => [state.rowKey, state]));
  const slices = await all<AllocationRow>(limits.query(own));
  let left = 0;
  await inParallel(slices, SLICES_AT_ONCE, async (slice) => {
    if (clock.now() >= untilMs) {
      left++;
      return;
    }
    const end = await endSlice(options, slice, known.get(stateKey(slice.sliceOf).rowKey), endOf);
    if (end) ended(slice, end);
  });
  return left === 0;
}

async function all<R extends LimitRow>(rows: AsyncIterable<Stored<LimitRow>>): Promise<Stored<R>[]> {
  const found: Stored<R>[] = [];
  for await (const row of rows) found.push(row as unknown as Stored<R>);
  return found;
}

/** Undefined when it was gone. `known`: its state, read before it. */
async function endSlice(
  options: EndOptions,
  found: AllocationRow,
  known: Stored<StateRow> | undefined,
  endOf: (slice: AllocationRow) => SliceEnd,
): Promise<SliceEnd | undefined> {
  const { limits, clock, crossed } = options;
  const { sliceOf: limitId, partitionKey, rowKey } = found;
  let end: SliceEnd | undefined;
  let level: number | undefined;
  const change = async (state: StateRow, slice: AllocationRow | undefined) => {
    if (!slice) return undefined;
    end = endOf(slice);
    const next = {
      ...state,
      settledNano: state.settledNano + end.settledNano,
      abandonedNano: state.abandonedNano + end.abandonedNano,
      missedNano: state.missedNano + end.missedNano,
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
  return end;
}
