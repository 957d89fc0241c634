import { describe, expect, test } from 'vitest';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import { abandonLastingOwner, settleLastingOwner } from '../../shared/limits/owners/lasting-owners.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import { groupWrites } from '../../shared/limits/state/group-writes.ts';
import type { LimitRow } from '../../shared/limits/state/limit-rows.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { costing } from '../support/amounts.ts';
import { LeapingClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { recording } from '../support/recording.ts';
import { call, makeGate, noon, policy, quiet, stateOf, totalOf, tryCall, usd } from './helpers.ts';

function open() {
  const clock = new LeapingClock(noon);
  const tables = new MemoryTables();
  const policies = [policy(), policy({ name: 'seen', type: 'allow' })];
  const process = () => makeGate(tables, { clock, policies });
  const options = {
    limits: groupWrites(tables.open<LimitRow>('limits')),
    holders: tables.open<OwnerRow>('limitholders'),
    clock,
    random: () => 0.5,
    crossed: () => undefined,
  };
  const id = uuidV7(noon);
  return { clock, tables, options, id, process };
}

const refused = (work: Promise<unknown>) =>
  work.then(() => 'held').catch((error: { code?: string }) => error.code ?? String(error));

describe('a hold that outlives its process', () => {
  test('stays held when its process is gone, and is settled by another one', async () => {
    const { clock, tables, options, id, process } = open();
    const hold = await process().holdLasting(call(usd(4)), id);
    expect([hold.heldNanoUsd, hold.limitIds]).toEqual([usd(4), ['daily:2026-11-23', 'seen:2026-11-23']]);
    await clock.pass(86_400_000);
    const other = process();
    await expireOwners({ ...options, publisher: recording().publisher, telemetry: quiet });
    expect(await tryCall(other, usd(2), usd(2))).toBe(false);
    expect(await tryCall(other, usd(1), usd(1))).toBe(true);
    await settleLastingOwner(options, id, costing(usd(1.5)));
    await other.close();
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(2.5), heldNano: 0n, abandonedNano: 0n, missedNano: 0n });
    expect(stateOf(tables, 'seen:2026-11-23').settledNano).toBe(usd(2.5));
    expect(tables.rows('limitholders')).toEqual([]);
  });

  test('is settled once, however often that is asked for', async () => {
    const { tables, options, id, process } = open();
    await process().holdLasting(call(usd(4)), id);
    await Promise.all([1, 2, 3].map(() => settleLastingOwner(options, id, costing(usd(1)))));
    await settleLastingOwner(options, id, costing(usd(1)));
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(1), heldNano: 0n });
  });

  test('of unknown cost counts as held, of more than that as missed', async () => {
    const { tables, options, id, process } = open();
    await process().holdLasting(call(usd(2)), id);
    await settleLastingOwner(options, id, null);
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(2), missedNano: 0n });
    expect(stateOf(tables, 'seen:2026-11-23').settledNano).toBe(usd(2));
    const second = uuidV7(noon);
    await process().holdLasting(call(usd(1)), second);
    await settleLastingOwner(options, second, costing(usd(1.25)));
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(3.25), missedNano: usd(0.25), heldNano: 0n });
  });

  test('is refused without room, and then holds nothing on any limit', async () => {
    const { tables, id, process } = open();
    expect(await refused(process().holdLasting(call(usd(6)), id))).toBe('limit_reached');
    expect(totalOf(stateOf(tables))).toBe(0n);
    expect(stateOf(tables, 'seen:2026-11-23').heldNano).toBe(0n);
    expect(tables.rows('limitholders')).toEqual([]);
  });

  test('that is abandoned becomes one event at its held cost', async () => {
    const { tables, options, id, process } = open();
    await process().holdLasting(call(usd(3)), id);
    await abandonLastingOwner(options.holders, id);
    const { events, publisher } = recording();
    await expireOwners({ ...options, publisher, telemetry: quiet });
    expect(events).toMatchObject([{ outcome: 'abandoned', estimatedCost: Number(usd(3)) }]);
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(3), abandonedNano: usd(3), heldNano: 0n });
    await settleLastingOwner(options, id, costing(usd(1)));
    expect(stateOf(tables)).toMatchObject({ settledNano: usd(3), heldNano: 0n });
    await abandonLastingOwner(options.holders, uuidV7(noon));
  });
});
