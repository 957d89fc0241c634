import type { Publisher } from '../../events/publisher.ts';
import { RowChangedError } from '../../tables/errors.ts';
import type { Stored, Table } from '../../tables/table.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { abandonedEvent } from './abandoned-event.ts';
import { CLOCK_SKEW_MS } from './lease.ts';
import { forgetOwner, type LeaseRow, OWNERS, type OwnerRow, readOwner } from './owner-rows.ts';
import { type TakeOverOptions, takeOverSlices } from './take-over-slices.ts';

export interface ExpiryOptions extends TakeOverOptions {
  holders: Table<OwnerRow>;
  publisher: Publisher;
}

/** A process that was taken for dead while a write of its was under way may leave a slice behind: it is looked for that long. */
const FORGET_AFTER_MS = 3_600_000;
/** The timer runs every minute; work that is not begun by then is left to the next run, which finds the same rows. */
const BEGIN_WITHIN_MS = 45_000;
const OWNERS_AT_ONCE = 4;
const PARTITIONS_AT_ONCE = 8;
const EVENTS_AT_ONCE = 100;

/**
 * Ends the leases of processes that died. What they held counts as spent from then on (L2): their calls in flight become
 * `abandoned` events, the rest of their slices is reported. Run every minute it finds a process 1 to 2.5 minutes after it
 * died (lease, difference of clocks, minute); till then its slice stays held. Safe to run in many processes and again after a
 * crash. Begins nothing after 45 s. An owner for which this fails holds up no other; rejects with the first failure.
 */
export async function expireOwners(options: ExpiryOptions): Promise<void> {
  const { holders, clock, telemetry } = options;
  const startMs = clock.now();
  const untilMs = startMs + BEGIN_WITHIN_MS;
  const ended: Stored<LeaseRow>[] = [];
  for await (const row of holders.query({ partitionKey: OWNERS })) {
    const lease = row as Stored<LeaseRow>;
    if (clock.now() >= lease.expiresAtMs + CLOCK_SKEW_MS) ended.push(lease);
  }
  let left = 0;
  const failures: unknown[] = [];
  await inParallel(ended, OWNERS_AT_ONCE, async (lease) => {
    try {
      if (clock.now() >= untilMs || !(await endLease(options, lease, untilMs))) left++;
    } catch (error) {
      failures.push(error);
    }
  });
  telemetry.measure('limits-expire-s', (clock.now() - startMs) / 1_000);
  telemetry.measure('limits-expire-backlog', left + failures.length);
  if (failures.length > 0) throw failures[0];
}

/** False when the time did not suffice. */
async function endLease(options: ExpiryOptions, lease: Stored<LeaseRow>, untilMs: number): Promise<boolean> {
  const { holders, clock } = options;
  if (!lease.dead && !(await declareDead(holders, lease))) return true;
  // An earlier run may have ended anywhere after it declared the process dead.
  if (!(await expireOwner(options, lease.rowKey, untilMs, lease.dead === true))) return false;
  if (lease.dead && clock.now() > lease.expiresAtMs + FORGET_AFTER_MS) await forgetOwner(holders, lease.rowKey);
  return true;
}

/** False when it was alive after all. From here on it can't renew its lease. */
async function declareDead(holders: Table<OwnerRow>, { etag, ...lease }: Stored<LeaseRow>): Promise<boolean> {
  try {
    await holders.replace({ ...lease, dead: true }, etag);
    return true;
  } catch (error) {
    if (error instanceof RowChangedError) return false;
    throw error;
  }
}

/** False when the time did not suffice. */
async function expireOwner(
  options: ExpiryOptions,
  ownerId: string,
  untilMs: number,
  isRepeated: boolean,
): Promise<boolean> {
  const { holders, publisher, clock } = options;
  const { partitions, journals, calls } = await readOwner(holders, ownerId);
  // The same event ids each time: what is published twice after a crash has one effect.
  await inParallel(calls, EVENTS_AT_ONCE, (call) => publisher.publish(abandonedEvent(call), isRepeated));
  let left = 0;
  await inParallel(partitions, PARTITIONS_AT_ONCE, async (partition) => {
    if (clock.now() >= untilMs || !(await takeOverSlices({ ...options, untilMs }, ownerId, partition, calls))) left++;
  });
  if (left > 0) return false;
  for (const row of journals) await holders.remove(row);
  return true;
}
