import type { Publisher } from '../../events/publisher.ts';
import { RowChangedError, TableUncertainError } from '../../tables/errors.ts';
import type { Stored, Table } from '../../tables/table.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { toUsd } from '../../util/money.ts';
import { changeState, type StateDeps } from '../state/change-state.ts';
import { larger, moveLevel, spentOf } from '../state/limit-math.ts';
import { type AllocationRow, allocationKey, type StateRow } from '../state/limit-rows.ts';
import { abandonedEvent } from './abandoned-event.ts';
import { CLOCK_SKEW_MS } from './lease.ts';
import { type HeldCall, type IndexRow, type JournalRow, type LeaseRow, OWNERS, type OwnerRow } from './owner-rows.ts';

export interface ExpiryOptions extends StateDeps {
  holders: Table<OwnerRow>;
  publisher: Publisher;
  /** What was held counts as spent, and so brought a limit to its level. */
  crossed(limitId: string, state: StateRow): void;
  telemetry: Telemetry;
}

/** A process that was taken for dead while a write of its was under way may leave a slice behind: it is looked for that long. */
const FORGET_AFTER_MS = 3_600_000;

/**
 * Ends the leases of processes that died. What they held counts as spent from then on (L2): their calls in flight become
 * `abandoned` events, the rest of their slices is reported. Run every minute it finds a process 1 to 2.5 minutes after it
 * died (lease, difference of clocks, minute); till then its slice stays held. Safe to run in many processes and again after a crash.
 */
export async function expireOwners(options: ExpiryOptions): Promise<void> {
  const { holders, clock } = options;
  for await (const row of holders.query({ partitionKey: OWNERS })) {
    const lease = row as Stored<LeaseRow>;
    const now = clock.now();
    if (now < lease.expiresAtMs + CLOCK_SKEW_MS) continue;
    if (!lease.dead && !(await declareDead(holders, lease))) continue;
    await expireOwner(options, lease.rowKey);
    if (lease.dead && now > lease.expiresAtMs + FORGET_AFTER_MS) await forget(holders, lease.rowKey);
  }
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

async function expireOwner(options: ExpiryOptions, ownerId: string): Promise<void> {
  const { holders, publisher } = options;
  const rows: OwnerRow[] = [];
  for await (const row of holders.query({ partitionKey: ownerId })) rows.push(row);
  const journals = rows.filter((row): row is JournalRow => 'calls' in row);
  const calls = journals.flatMap(({ calls }) => JSON.parse(calls) as HeldCall[]);
  // The same event ids each time: what is published twice after a crash has one effect.
  for (const call of calls) await publisher.publish(abandonedEvent(call));
  for (const row of rows) {
    if (isIndex(row)) await takeOver(options, ownerId, row.limitId, calls);
  }
  for (const row of journals) await holders.remove(row);
}

/** The slice of a dead process becomes spent, in one transaction. */
async function takeOver(options: ExpiryOptions, ownerId: string, limitId: string, calls: HeldCall[]): Promise<void> {
  const { limits, clock, telemetry, crossed } = options;
  const inFlight = calls
    .filter(({ limitIds }) => limitIds.includes(limitId))
    .reduce((sum, { held }) => sum + BigInt(held), 0n);
  let abandoned = 0n;
  let level: number | undefined;
  const work = () =>
    changeState(options, limitId, async (state) => {
      const slice = (await limits.get(limitId, allocationKey(ownerId))) as AllocationRow | undefined;
      if (!slice) return undefined;
      abandoned = larger(slice.amountNano, inFlight);
      const next = {
        ...state,
        settledNano: state.settledNano + abandoned,
        abandonedNano: state.abandonedNano + abandoned,
        heldNano: state.heldNano - slice.amountNano,
        idleNano: state.idleNano - slice.idleNano,
      };
      level = moveLevel(next, next.maxNano, spentOf(next), clock.now());
      return {
        state: next,
        also: [{ kind: 'delete', key: { partitionKey: limitId, rowKey: allocationKey(ownerId) } }],
      };
    });
  // Without an answer the next look tells: the slice is gone or it is not.
  const state = await work().catch((error: unknown) => {
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

async function forget(holders: Table<OwnerRow>, ownerId: string): Promise<void> {
  for await (const row of holders.query({ partitionKey: ownerId })) await holders.remove(row);
  await holders.remove({ partitionKey: OWNERS, rowKey: ownerId });
}

const isIndex = (row: OwnerRow): row is IndexRow => 'limitId' in row;
