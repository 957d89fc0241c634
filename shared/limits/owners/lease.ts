import { RowChangedError } from '../../tables/errors.ts';
import type { Table } from '../../tables/table.ts';
import type { Clock } from '../../util/clock.ts';
import { AllocationLostError } from '../allocation/allocation.ts';
import { placeOf } from '../state/limit-place.ts';
import { forgetOwner, indexKey, type LeaseRow, OWNERS, type OwnerRow } from './owner-rows.ts';

/** How long a process is believed to be alive after its last word. */
export const LEASE_MS = 60_000;
/** The process itself stops that much earlier, and others wait that much longer: clocks differ. */
export const CLOCK_SKEW_MS = 10_000;

/** The word of one process that it is alive, and the list of partitions in which it may hold slices. */
export class Lease {
  readonly ownerId: string;
  readonly #table: Table<OwnerRow>;
  readonly #clock: Clock;
  readonly #lastsMs: number;
  readonly #indexed = new Map<string, Promise<void>>();
  #validUntilMs = 0;
  #etag: string | undefined;
  #renewing: Promise<void> | undefined;
  /** The removal of its rows: rows that are written after it must not overtake it. */
  #closing: Promise<void> | undefined;
  #lost = false;

  constructor(ownerId: string, table: Table<OwnerRow>, clock: Clock, lastsMs = LEASE_MS) {
    this.ownerId = ownerId;
    this.#table = table;
    this.#clock = clock;
    this.#lastsMs = lastsMs;
  }

  /** True while nobody else can take this process for dead. */
  alive(): boolean {
    return this.#clock.now() < this.#validUntilMs;
  }

  /** @throws SliceLostError when this process was taken for dead */
  async ready(limitId: string): Promise<void> {
    await this.#closing?.catch(() => undefined);
    if (!this.alive()) await this.renew();
    const { partitionKey } = placeOf(limitId);
    let indexed = this.#indexed.get(partitionKey);
    if (!indexed) {
      indexed = this.#index(partitionKey);
      this.#indexed.set(partitionKey, indexed);
      indexed.catch(() => this.#indexed.delete(partitionKey));
    }
    await indexed;
  }

  /** Renews a lease of which a third is over. */
  async tick(): Promise<void> {
    const left = this.#validUntilMs + CLOCK_SKEW_MS - this.#clock.now();
    if (this.#etag !== undefined && left < (this.#lastsMs * 2) / 3) await this.renew();
  }

  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Ends the lease of a process that holds nothing any more. */
  async close(): Promise<void> {
    if (this.#etag === undefined) return;
    this.#validUntilMs = 0;
    this.#etag = undefined;
    this.#indexed.clear();
    this.#closing = forgetOwner(this.#table, this.ownerId);
    await this.#closing;
  }

  async #index(partition: string): Promise<void> {
    await this.#table.upsert({ partitionKey: this.ownerId, rowKey: indexKey(partition), partition });
  }

  async #renew(): Promise<void> {
    await this.#closing?.catch(() => undefined);
    if (this.#lost) throw lost();
    const expiresAtMs = this.#clock.now() + this.#lastsMs;
    const row: LeaseRow = { partitionKey: OWNERS, rowKey: this.ownerId, expiresAtMs, dead: false };
    try {
      this.#etag =
        this.#etag === undefined ? await this.#table.insert(row) : await this.#table.replace(row, this.#etag);
    } catch (error) {
      const found = (await this.#table.get(OWNERS, this.ownerId)) as (LeaseRow & { etag: string }) | undefined;
      // An answer that got lost: the write happened, or the row is as before. Only the reaper writes `dead`.
      if (found && !found.dead) {
        this.#etag = found.etag;
        if (found.expiresAtMs >= expiresAtMs) this.#validUntilMs = expiresAtMs - CLOCK_SKEW_MS;
      } else if (found?.dead || error instanceof RowChangedError) {
        this.#lost = true;
        throw lost();
      }
      if (!this.alive()) throw error;
      return;
    }
    this.#validUntilMs = expiresAtMs - CLOCK_SKEW_MS;
  }
}

const lost = (): AllocationLostError =>
  new AllocationLostError('This process was taken for dead; it goes on as a new one.');
