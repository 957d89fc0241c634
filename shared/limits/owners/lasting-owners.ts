import type { Table } from '../../tables/table.ts';
import { inParallel } from '../../util/in-parallel.ts';
import { unitOf } from '../policies/limit-id.ts';
import { amountIn, type CallUse } from '../policies/units.ts';
import { larger } from '../state/limit-math.ts';
import { type EndOptions, endSlices } from './end-slices.ts';
import { forgetOwner, heldByLimit, type LeaseRow, OWNERS, type OwnerRow, readOwner } from './owner-rows.ts';

export interface LastingOptions extends EndOptions {
  holders: Table<OwnerRow>;
}

const PARTITIONS_AT_ONCE = 8;

/**
 * Settles what an owner that outlives its process holds: on each limit the held amount becomes the actual one. Any process may do
 * it, once or again. Of an amount that is not known the held one counts; `used` null: nothing is known.
 */
export async function settleLastingOwner(
  options: LastingOptions,
  ownerId: string,
  used: CallUse | null,
): Promise<void> {
  const { holders } = options;
  const { partitions, calls } = await readOwner(holders, ownerId);
  const held = heldByLimit(calls);
  await inParallel(partitions, PARTITIONS_AT_ONCE, (partition) =>
    endSlices(options, ownerId, partition, ({ amountNano, sliceOf }) => {
      const actual = used && amountIn(unitOf(sliceOf), used);
      const settledNano = actual ?? (amountNano > 0n ? amountNano : (held.get(sliceOf) ?? 0n));
      const missedNano = amountNano > 0n ? larger(0n, settledNano - amountNano) : 0n;
      return { settledNano, abandonedNano: 0n, missedNano };
    }),
  );
  await forgetOwner(holders, ownerId);
}

/** Ends the lease of such an owner, so that what it holds becomes abandoned (L2). */
export async function abandonLastingOwner(holders: Table<OwnerRow>, ownerId: string): Promise<void> {
  const lease = (await holders.get(OWNERS, ownerId)) as LeaseRow | undefined;
  if (lease) await holders.merge({ partitionKey: OWNERS, rowKey: ownerId, expiresAtMs: 0 });
}
