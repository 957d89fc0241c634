import type { Clock } from '../../util/clock.ts';
import { larger, smaller } from '../state/limit-math.ts';
import { type AllocationRow, newAllocation } from '../state/limit-rows.ts';
import { SettledTotals } from './settled-totals.ts';

/** This process was taken for dead: what it held counts as spent. It must go on as a new owner. */
export class AllocationLostError extends Error {}

/** What the table says of the limit besides the slice. */
export interface LimitFound {
  /** It has a state. */
  isKnown: boolean;
  /** See `StateRow`. */
  rebuiltAtMs?: number | undefined;
}

/** A write of the slice that is under way. */
interface Pending {
  before: AllocationRow;
  /** Undefined: it is removed. */
  after: AllocationRow | undefined;
  existed: boolean;
  ownSettled: bigint;
  missed: bigint;
}

/**
 * What one process holds of one limit: its slice in the table, and what calls have taken of it here. Knows what is safe to
 * take while a write is under way or got no answer: the least of what may be in the table. Money in nano-USD.
 */
export class Allocation {
  readonly #limitId: string;
  readonly #ownerId: string;
  readonly #clock: Pick<Clock, 'now'>;
  /** As in the table; more than one while it is not known which of them is there. */
  #rows: AllocationRow[] = [];
  #exists = false;
  /** The table was gone since the last write, and when that was: ms, UTC. */
  #wasMissing = false;
  #writtenAtMs = 0;
  #pending: Pending | undefined;
  /** The last write, where no answer to it came. */
  #inDoubt: Pending | undefined;
  #granting = 0n;
  #inFlight = 0n;
  #ownSettled = 0n;
  readonly #totals = new SettledTotals();
  #missed = 0n;
  /**
   * What is spent and held of the limit beyond its maximum, for example since that was lowered. What calls give back is not to
   * be taken again before this is made up for.
   */
  excess = 0n;

  constructor(limitId: string, ownerId: string, clock: Pick<Clock, 'now'>) {
    this.#limitId = limitId;
    this.#ownerId = ownerId;
    this.#clock = clock;
  }

  /** What its calls in flight hold. */
  get inFlight(): bigint {
    return this.#inFlight;
  }

  /** What its calls have cost. */
  get ownSettled(): bigint {
    return this.#ownSettled;
  }

  /** What of it calls cost beyond their holds and is not written yet. */
  get missed(): bigint {
    return this.#missed;
  }

  /** What its calls have cost and may not be in the limit's state yet. */
  get unwritten(): bigint {
    return this.#ownSettled - this.#leastWritten;
  }

  /** What of it is certainly in the table. */
  get #leastWritten(): bigint {
    const [first, ...others] = this.#rows;
    return first ? others.reduce((least, row) => smaller(least, row.ownSettledNano), first.ownSettledNano) : 0n;
  }

  /** True when the table lacks costs, or (also where nothing is enforced) the slice by which others find the limit should this process die. */
  get changed(): boolean {
    return this.unwritten !== 0n || (!this.#exists && this.#inFlight > 0n);
  }

  /** True when the table has another figure of what calls here hold, or lacks costs. Only for limits that hold. */
  get outdated(): boolean {
    const { amountNano, idleNano } = this.row;
    return this.unwritten !== 0n || amountNano - idleNano !== this.#inFlight;
  }

  /** Budget in the table for calls to come. */
  get idle(): bigint {
    return this.#rows.reduce((most, row) => larger(most, row.idleNano), 0n);
  }

  /** True once it was looked for or written. */
  get seen(): boolean {
    return this.#rows.length > 0;
  }

  /** True when it stands in the table, as far as is known. */
  get exists(): boolean {
    return this.#exists;
  }

  /** The row to plan the next write from. */
  get row(): AllocationRow {
    return this.#rows[0] ?? newAllocation(this.#limitId, this.#ownerId);
  }

  /** What may be taken without a request; below 0 where nothing can. */
  get available(): bigint {
    if (this.#rows.length === 0 || !this.#exists) return -1n;
    const rooms = this.#rows.map((row) => row.amountNano - (this.#ownSettled - row.ownSettledNano));
    return rooms.reduce(smaller) - this.#inFlight - this.#granting - this.excess;
  }

  take(amount: bigint): void {
    this.#inFlight += amount;
  }

  release(amount: bigint): void {
    this.#inFlight -= amount;
  }

  settle(held: bigint, actual: bigint): void {
    this.#inFlight -= held;
    this.#ownSettled += actual;
    this.#totals.add(this.#clock.now(), this.#ownSettled);
    if (actual > held) this.#missed += actual - held;
  }

  /** The table itself is gone. */
  tableMissing(): void {
    this.#wasMissing = true;
  }

  /**
   * What the table says. Where the limit was made again from the ledger, that has what calls here have cost until then. A slice that
   * got lost with the table is written again with what calls hold. @throws AllocationLostError when another process took it
   */
  found(row: AllocationRow | undefined, { isKnown, rebuiltAtMs = 0 }: LimitFound = { isKnown: true }): void {
    const isTableLost = this.#wasMissing || !isKnown || rebuiltAtMs > this.#writtenAtMs;
    if (!row && this.#exists && !isTableLost)
      throw new AllocationLostError(`Another process took the slice of ${this.#limitId}.`);
    const known = this.#leastWritten;
    this.#resolve(row);
    const written = row?.ownSettledNano ?? (this.#exists ? known : 0n);
    const rebuilt = larger(written, this.#totals.at(rebuiltAtMs));
    this.#countOff(row ? rebuilt - written : rebuilt);
    this.#wasMissing = false;
    this.#exists = row !== undefined;
    this.#rows = [row ?? newAllocation(this.#limitId, this.#ownerId)];
  }

  /** A write to `after` starts (undefined: a removal). It grants so much to waiting calls. */
  begin(after: AllocationRow | undefined, granting: bigint): void {
    const before = this.row;
    this.#pending = { before, after, existed: this.#exists, ownSettled: this.#ownSettled, missed: this.#missed };
    this.#granting = granting;
    this.#rows = [before, after ?? { ...before, amountNano: 0n, idleNano: 0n, ownSettledNano: this.#ownSettled }];
    if (!after) this.#exists = false;
  }

  /** The write was carried out. */
  written(): void {
    const { after, ownSettled, missed } = this.#end();
    this.#wasMissing = false;
    this.#writtenAtMs = this.#clock.now();
    this.#rows = [after ?? newAllocation(this.#limitId, this.#ownerId)];
    this.#exists = after !== undefined;
    this.#totals.forget(ownSettled);
    if (!after) this.#countOff(ownSettled);
    this.#missed -= missed;
    this.#inFlight += this.#granting;
    this.#granting = 0n;
  }

  /** The write was refused: the slice is as it was. */
  refused(): void {
    const { before, existed } = this.#end();
    this.#rows = [before];
    this.#exists = existed;
    this.#granting = 0n;
  }

  /** No answer: the slice is one of the two; the next read tells. */
  unanswered(): void {
    this.#inDoubt = this.#end();
    this.#granting = 0n;
  }

  /** Counts off what a write without an answer wrote, if it was carried out. */
  #resolve(row: AllocationRow | undefined): void {
    const doubt = this.#inDoubt;
    this.#inDoubt = undefined;
    if (!doubt || row?.ownSettledNano !== doubt.after?.ownSettledNano) return;
    this.#missed -= doubt.missed;
    if (!row) this.#countOff(doubt.ownSettled);
  }

  /** So much of what its calls have cost is counted, and no part of the next slice. */
  #countOff(amount: bigint): void {
    this.#ownSettled -= amount;
    this.#totals.countOff(amount);
  }

  #end(): Pending {
    if (!this.#pending) throw new Error('No write of the slice is under way.');
    const pending = this.#pending;
    this.#pending = undefined;
    return pending;
  }
}
