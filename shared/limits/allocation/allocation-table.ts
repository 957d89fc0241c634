import { TableUncertainError } from '../../tables/errors.ts';
import type { Stored, Table } from '../../tables/table.ts';
import type { SyncPlan } from '../state/limit-math.ts';
import { stateKey } from '../state/limit-place.ts';
import { type AllocationRow, allocationKey, type LimitRow, newState, type StateRow } from '../state/limit-rows.ts';
import type { Allocation } from './allocation.ts';

/** The rows of one limit as one process reads and writes them: the state, and with it the process's own slice. */
export class AllocationTable {
  readonly #limitId: string;
  readonly #ownerId: string;
  readonly #table: Table<LimitRow>;
  #state: { row: StateRow; etag: string | undefined } | undefined;
  #fresh = false;

  constructor(limitId: string, ownerId: string, table: Table<LimitRow>) {
    this.#limitId = limitId;
    this.#ownerId = ownerId;
    this.#table = table;
  }

  /** As last read or written; undefined where it must be read (again). */
  get state(): StateRow | undefined {
    return this.#state?.row;
  }

  /** True when nothing was written since it was read. */
  get fresh(): boolean {
    return this.#fresh;
  }

  forget(): void {
    this.#state = undefined;
  }

  /** As if nobody had used the limit yet: the write fails where somebody has. Only before this process has read or written. */
  assumeNew(slice: Allocation): StateRow {
    slice.found(undefined);
    const state = newState(this.#limitId);
    this.#state = { row: state, etag: undefined };
    this.#fresh = false;
    return state;
  }

  /**
   * Reads the state and the slice as of one moment: a slice that another process took over must not be written again.
   * @throws SliceLostError
   */
  async read(slice: Allocation): Promise<StateRow> {
    const own = allocationKey(this.#limitId, this.#ownerId).rowKey;
    const { partitionKey, rowKey: last } = stateKey(this.#limitId);
    let stored: Stored<LimitRow> | undefined;
    let row: AllocationRow | undefined;
    // Row keys from the slice to the state: besides the two, only slices of processes that started later.
    for await (const found of this.#table.query({ partitionKey, from: own, before: `${last}!` })) {
      if (found.rowKey === last) stored = found;
      else if (found.rowKey === own) row = withoutTag(found as Stored<AllocationRow>);
    }
    const state = stored
      ? { ...withoutTag(stored as Stored<StateRow>), limitId: this.#limitId }
      : newState(this.#limitId);
    slice.found(row, { isKnown: stored !== undefined, rebuiltAtMs: state.rebuiltAtMs });
    this.#state = { row: state, etag: stored?.etag };
    this.#fresh = true;
    return state;
  }

  /** What was read stands, though nothing was written. */
  confirm(): void {
    this.#fresh = false;
  }

  /** Writes the state and the slice (or its removal), if the state is as it was known here. */
  async write(slice: Allocation, plan: SyncPlan, removed: boolean, granted: bigint): Promise<void> {
    const etag = this.#state?.etag;
    const after = removed ? undefined : plan.slice;
    slice.begin(after, granted);
    this.#fresh = false;
    try {
      const tags = await this.#table.transact([
        etag === undefined ? { kind: 'insert', row: plan.state } : { kind: 'replace', row: plan.state, etag },
        after ? { kind: 'upsert', row: after } : { kind: 'delete', key: slice.row },
      ]);
      this.#state = { row: plan.state, etag: tags[0] };
      slice.written();
    } catch (error) {
      if (error instanceof TableUncertainError) slice.unanswered();
      else slice.refused();
      throw error;
    }
  }
}

function withoutTag<R>({ etag: _, ...row }: Stored<R>): R {
  return row as R;
}
