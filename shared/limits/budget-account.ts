import type { Clock } from '../clock.ts';
import { RowChangedError, RowExistsError, TableUncertainError } from '../tables/errors.ts';
import type { Stored, Table } from '../tables/table.ts';
import {
  amountsOf,
  enforces,
  type LimitAmounts,
  larger,
  planSync,
  type SyncPlan,
  smaller,
  spentOf,
} from './limit-math.ts';
import { type LimitRow, newSlice, newState, type SliceRow, STATE, type StateRow, sliceKey } from './limit-rows.ts';
import type { Policy } from './policy.ts';

/** What an account needs of its process. */
export interface AccountHome {
  table: Table<LimitRow>;
  clock: Clock;
  ownerId: string;
  /** Resolves when a slice of this limit may be written: if this process dies, others will find it. */
  ready(limitId: string): Promise<void>;
  /** True while no other process can take this one for dead. */
  alive(): boolean;
  /** The limit has come to a level (an index of LEVELS) by a write of this process. */
  crossed(limitId: string, state: StateRow): void;
}

/** This process was taken for dead: what it held counts as spent. It must go on as a new owner. */
export class SliceLostError extends Error {}

export type Taken = { ok: true } | { ok: false; leftNano: bigint; spentNano: bigint };

interface Waiter {
  amount: bigint;
  resolve(answer: { plan: SyncPlan; ok: boolean }): void;
  reject(error: unknown): void;
}

const ATTEMPTS = 40;
const FLUSH_AFTER_MS = 1_000;
const IDLE_AFTER_MS = 1_000;
const REMOVE_AFTER_MS = 30_000;
/** How long a refusal waits for others to give back what they don't use: they do within two ticks. */
const RETURN_WAIT_MS = 1_600;

/**
 * One limit as one process sees it. Budget comes in slices: a slice is held in the table, and calls take from it here,
 * without a request. One write at a time serves all calls that wait.
 */
export class BudgetAccount {
  readonly limitId: string;
  readonly #home: AccountHome;
  #policy: Policy;
  #amounts: LimitAmounts;
  #state: { row: StateRow; etag: string | undefined } | undefined;
  #fresh = false;
  /** Our slice in the table; more than one while it is not known which of them is there. */
  #slices: SliceRow[] = [];
  #exists = false;
  #removing = false;
  /** Own costs written with a removal of which no answer came. */
  #removalInDoubt: bigint | undefined;
  #inFlight = 0n;
  #granting = 0n;
  #ownSettled = 0n;
  #missed = 0n;
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  #again = false;
  #lastWant = 0n;
  #takenSinceSync = 0n;
  #lastUseMs: number;
  #lastSyncMs: number;
  #near = true;

  constructor(limitId: string, policy: Policy, home: AccountHome) {
    this.limitId = limitId;
    this.#home = home;
    this.#policy = policy;
    this.#amounts = amountsOf(policy);
    this.#lastUseMs = home.clock.now();
    this.#lastSyncMs = home.clock.now();
  }

  /** The policy as it is now; a changed maximum counts from the next write on. */
  set policy(policy: Policy) {
    if (policy === this.#policy) return;
    this.#policy = policy;
    this.#amounts = amountsOf(policy);
    this.#again = true;
  }

  get policy(): Policy {
    return this.#policy;
  }

  get maxNano(): bigint {
    return this.#amounts.maxNano;
  }

  get warnNano(): bigint {
    return this.#amounts.warnNano;
  }

  /** True once the limit's state was read. */
  get known(): boolean {
    return this.#state !== undefined;
  }

  /** Spent as far as this process knows, in nano-USD. */
  get spentNano(): bigint {
    if (!this.#state) return this.#ownSettled;
    const written = this.#slices.reduce(leastWritten, this.#ownSettled);
    return spentOf(this.#state.row) + this.#ownSettled - written;
  }

  /** Room beside spent and held, as far as this process knows, in nano-USD. */
  get leftNano(): bigint {
    return this.maxNano - this.spentNano - larger(this.#state?.row.heldNano ?? 0n, this.#inFlight);
  }

  /** Takes from the slice without a request; false when it has too little. Limits that refuse nothing always give. */
  tryTake(amount: bigint): boolean {
    if (enforces(this.#policy) && (this.#available() < amount || !this.#home.alive())) return false;
    this.force(amount);
    return true;
  }

  /** Counts a call in that goes ahead without room. */
  force(amount: bigint): void {
    this.#inFlight += amount;
    this.#takenSinceSync += amount;
    this.#lastWant = amount;
    this.#lastUseMs = this.#home.clock.now();
  }

  /** Takes, after getting more from the table when needed. Rejects when the table can't be used. */
  async take(amount: bigint): Promise<Taken> {
    const deadline = this.#home.clock.now() + RETURN_WAIT_MS;
    for (;;) {
      if (this.tryTake(amount)) return { ok: true };
      this.#lastWant = amount;
      this.#lastUseMs = this.#home.clock.now();
      const { plan, ok } = await this.#ask(amount);
      if (ok) return { ok };
      const mayFitSoon = plan.leftNano + plan.idleElsewhereNano >= amount;
      if (!mayFitSoon || this.#home.clock.now() >= deadline) {
        return { ok, leftNano: larger(0n, plan.leftNano), spentNano: plan.spentNano };
      }
      await this.#home.clock.sleep(RETURN_WAIT_MS / 8);
    }
  }

  /** Gives back what a call took that was never made. */
  release(amount: bigint): void {
    this.#inFlight -= amount;
  }

  /** The call that took `held` cost `actual`. */
  settle(held: bigint, actual: bigint): void {
    this.#inFlight -= held;
    this.#ownSettled += actual;
    if (actual > held) this.#missed += actual - held;
    if (this.#near && enforces(this.#policy)) this.syncInBackground();
  }

  /** Reads the state if this process does not know it yet. */
  async open(): Promise<void> {
    if (!this.known) await this.sync();
  }

  /** Writes down what is not written yet and gives back what is not needed. */
  sync(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  syncInBackground(): void {
    // Whoever waits for a grant gets the error; costs that were not written are tried again by the next tick.
    this.sync().catch(() => undefined);
  }

  /** Does what is due by the clock. */
  async tick(now: number): Promise<void> {
    const written = this.#slices.length === 0 ? 0n : this.#slices.reduce(leastWritten, this.#ownSettled);
    const unwritten = written !== this.#ownSettled;
    // Also where nothing is enforced: a slice of 0 lets others find the limit should this process die.
    const unlisted = !this.#exists && this.#inFlight > 0n;
    const due = (unwritten || unlisted || this.#again) && now - this.#lastSyncMs >= FLUSH_AFTER_MS;
    const idle = now - this.#lastUseMs >= IDLE_AFTER_MS;
    const unused = idle && this.#slices.some((slice) => slice.idleNano > 0n);
    if (this.#inFlight === 0n && this.idleLong(now)) await this.remove();
    else if (due || unused) await this.sync();
  }

  /** Writes everything down and gives up the slice, unless calls come or are still in flight. */
  async remove(): Promise<void> {
    if (!this.#exists && this.#ownSettled === 0n) return;
    this.#removing = true;
    try {
      await this.sync();
    } finally {
      this.#removing = false;
    }
  }

  /** True when no call came for so long that the account need not be kept. */
  idleLong(now: number): boolean {
    return now - this.#lastUseMs >= REMOVE_AFTER_MS;
  }

  /** True when it holds nothing, here or in the table, and nothing waits to be written. */
  get empty(): boolean {
    const idle = this.#running === undefined && this.#waiters.length === 0;
    return idle && !this.#exists && this.#inFlight === 0n && this.#ownSettled === 0n;
  }

  #available(): bigint {
    if (this.#slices.length === 0 || !this.#exists) return -1n;
    const rooms = this.#slices.map((slice) => slice.amountNano - (this.#ownSettled - slice.ownSettledNano));
    return rooms.reduce(smaller) - this.#inFlight - this.#granting;
  }

  #ask(amount: bigint): Promise<{ plan: SyncPlan; ok: boolean }> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ amount, resolve, reject });
      this.syncInBackground();
    });
  }

  async #run(): Promise<void> {
    while (this.#again || this.#waiters.length > 0) {
      this.#again = false;
      const waiters = this.#waiters;
      this.#waiters = [];
      try {
        const plan = await this.#write(waiters);
        for (const [place, waiter] of waiters.entries()) waiter.resolve({ plan, ok: plan.granted[place] ?? false });
      } catch (error) {
        for (const waiter of waiters) waiter.reject(error);
        throw error;
      } finally {
        this.#granting = 0n;
      }
    }
  }

  /** One write, repeated until it meets the row that it was planned for. */
  async #write(waiters: Waiter[]): Promise<SyncPlan> {
    for (let attempt = 1; ; attempt++) {
      try {
        if (!this.#home.alive() || !this.#exists) await this.#home.ready(this.limitId);
        if (!this.#state) await this.#read();
        const plan = await this.#commit(waiters);
        if (plan) return plan;
      } catch (error) {
        this.#state = undefined;
        const repeatable =
          error instanceof RowChangedError || error instanceof RowExistsError || error instanceof TableUncertainError;
        if (!repeatable || attempt === ATTEMPTS) throw error;
        await this.#home.clock.sleep(Math.random() * Math.min(10 * attempt, 100));
      }
    }
  }

  /** Undefined when the state must be read again before calls are refused. */
  async #commit(waiters: Waiter[]): Promise<SyncPlan | undefined> {
    const { row, etag } = this.#state ?? { row: newState(this.limitId), etag: undefined };
    const [slice = newSlice(this.limitId, this.#home.ownerId)] = this.#slices;
    const ownSettledNano = this.#ownSettled;
    const missedNano = this.#missed;
    const now = this.#home.clock.now();
    const busy = now - this.#lastUseMs < IDLE_AFTER_MS && !this.#removing;
    const plan = planSync(row, slice, {
      ...this.#amounts,
      enforced: enforces(this.#policy),
      ownSettledNano,
      inFlightNano: this.#inFlight,
      missedNano,
      wants: waiters.map((waiter) => waiter.amount),
      spareNano: busy ? larger(4n * this.#lastWant, 2n * this.#takenSinceSync) : 0n,
      nowMs: now,
    });
    if (plan.granted.includes(false) && !this.#fresh) {
      this.#state = undefined;
      return undefined;
    }
    this.#fresh = false;
    this.#lastSyncMs = now;
    const gone = this.#removing && this.#exists && this.#inFlight === 0n && waiters.length === 0;
    const granted = waiters.reduce((sum, waiter, place) => sum + (plan.granted[place] ? waiter.amount : 0n), 0n);
    const listed = this.#exists || this.#inFlight === 0n;
    if (!gone && listed && sameState(plan.state, row) && sameSlice(plan.slice, slice)) {
      // Nothing to write: an earlier write of which no answer came has done it.
      this.#inFlight += granted;
      return plan;
    }

    this.#granting = granted;
    const after = gone ? newSlice(this.limitId, this.#home.ownerId) : plan.slice;
    this.#slices = [slice, gone ? { ...plan.slice, amountNano: 0n } : after];
    if (gone) this.#exists = false;
    let tags: string[];
    try {
      tags = await this.#home.table.transact([
        etag === undefined ? { kind: 'insert', row: plan.state } : { kind: 'replace', row: plan.state, etag },
        gone ? { kind: 'delete', key: slice } : { kind: 'upsert', row: plan.slice },
      ]);
    } catch (error) {
      // Refused: the slice is as it was. No answer: it is one of the two; the next read tells.
      if (!(error instanceof TableUncertainError)) {
        this.#slices = [slice];
        this.#exists ||= gone;
      } else if (gone) {
        this.#removalInDoubt = ownSettledNano;
      }
      this.#granting = 0n;
      throw error;
    }
    this.#state = { row: plan.state, etag: tags[0] };
    this.#slices = [after];
    this.#exists = !gone;
    if (gone) this.#ownSettled -= ownSettledNano;
    this.#missed -= missedNano;
    this.#inFlight += this.#granting;
    this.#granting = 0n;
    this.#takenSinceSync = 0n;
    this.#near = plan.leftNano < larger(16n * this.#lastWant, this.maxNano / 50n);
    if (plan.crossed !== undefined) this.#home.crossed(this.limitId, plan.state);
    return plan;
  }

  /** The state first: a write is conditional on it, so a slice that was changed after it can't be overwritten. */
  async #read(): Promise<void> {
    const { table, ownerId } = this.#home;
    const state = (await table.get(this.limitId, STATE)) as Stored<StateRow> | undefined;
    const slice = (await table.get(this.limitId, sliceKey(ownerId))) as Stored<SliceRow> | undefined;
    if (!slice && this.#exists) throw new SliceLostError(`Another process took the slice of ${this.limitId}.`);
    if (!slice) this.#ownSettled -= this.#removalInDoubt ?? 0n;
    this.#removalInDoubt = undefined;
    this.#exists = slice !== undefined;
    this.#slices = [withoutTag(slice) ?? newSlice(this.limitId, ownerId)];
    this.#state = { row: withoutTag(state) ?? newState(this.limitId), etag: state?.etag };
    this.#fresh = true;
  }
}

const leastWritten = (least: bigint, slice: SliceRow): bigint => smaller(least, slice.ownSettledNano);

const sameState = (a: StateRow, b: StateRow): boolean =>
  a.settledNano === b.settledNano &&
  a.heldNano === b.heldNano &&
  a.missedNano === b.missedNano &&
  a.level === b.level &&
  a.maxNano === b.maxNano &&
  a.warnNano === b.warnNano;

const sameSlice = (a: SliceRow, b: SliceRow): boolean =>
  a.amountNano === b.amountNano && a.idleNano === b.idleNano && a.ownSettledNano === b.ownSettledNano;

function withoutTag<R>(row: Stored<R> | undefined): R | undefined {
  if (!row) return undefined;
  const { etag: _, ...rest } = row;
  return rest as R;
}
