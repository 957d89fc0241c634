import { describe, expect, test } from 'vitest';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { costing } from '../support/amounts.ts';
import { LeapingClock, ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, policy, stateOf, tryCall, usd } from './helpers.ts';

const HOUR_MS = 3_600_000;

/** A gate whose policies can be changed while its calls are in flight. */
function setUp(...policies: Policy[]) {
  const tables = new MemoryTables();
  const clock = new ManualClock();
  let current = policies;
  const gate = makeGate(tables, { clock, policies: () => current });
  const at = (ms = clock.now()) => ({ occurredAtMs: ms });
  return {
    tables,
    clock,
    gate,
    change: (...next: Policy[]) => {
      current = next;
    },
    hold: (bound: number) => gate.hold(call(usd(bound), at())),
    passes: (bound: number) => tryCall(gate, usd(bound), usd(bound), at()),
    spentOf: async (limitId: string) => {
      await gate.close();
      return stateOf(tables, limitId).settledNano;
    },
  };
}

test('a call in flight when its period ends counts in the period in which it began', async () => {
  const { clock, hold, passes, spentOf } = setUp(policy({ maxUsd: 1 }));
  await clock.pass(12 * HOUR_MS - 1_000);
  const late = await hold(0.9);
  await clock.pass(2_000);
  expect(await passes(1)).toBe(true);
  await late.settle(costing(usd(0.8)), 'succeeded');
  expect(await spentOf('daily:2026-11-23')).toBe(usd(0.8));
  expect(await spentOf('daily:2026-11-24')).toBe(usd(1));
});

test('a new period begins by itself, at its time and not a day after the first call', async () => {
  const { clock, passes } = setUp(policy({ maxUsd: 1 }));
  expect(await passes(1)).toBe(true);
  await clock.pass(12 * HOUR_MS - 1_000);
  expect(await passes(0.1)).toBe(false);
  await clock.pass(1_000);
  expect(await passes(1)).toBe(true);
});

test('a minute is over after a minute', async () => {
  const { clock, passes } = setUp(policy({ window: 'minute', maxUsd: 1 }));
  for (let minute = 0; minute < 3; minute++) {
    expect([await passes(1), await passes(0.1)]).toEqual([true, false]);
    await clock.pass(60_000);
  }
});

describe('with a hold out', () => {
  test('a changed window begins new limits; the hold is settled on the old one', async () => {
    const { change, hold, passes, spentOf } = setUp(policy({ maxUsd: 1 }));
    const held = await hold(0.9);
    change(policy({ maxUsd: 1, window: 'week', start: { weekday: 'sunday' } }));
    expect([await passes(1), await passes(0.1)]).toEqual([true, false]);
    await held.settle(costing(usd(0.5)), 'succeeded');
    expect(await spentOf('daily:2026-11-23')).toBe(usd(0.5));
    expect(await spentOf('daily:2026-11-22.7d')).toBe(usd(1));
  });

  test('so does a changed zone, unless its periods are the same', async () => {
    const { change, hold, passes, spentOf } = setUp(policy({ maxUsd: 1 }));
    const held = await hold(0.9);
    change(policy({ maxUsd: 1, zone: 'Europe/London' }));
    expect(await passes(0.2)).toBe(false);
    change(policy({ maxUsd: 1, zone: 'Europe/Berlin' }));
    expect(await passes(1)).toBe(true);
    await held.settle(costing(usd(0.5)), 'succeeded');
    expect(await spentOf('daily:2026-11-23')).toBe(usd(0.5));
    expect(await spentOf('daily:2026-11-22T23.1d')).toBe(usd(1));
  });

  test('a lowered maximum holds back new calls until there is room; a raised one lets them through at once', async () => {
    const { change, hold, passes, spentOf } = setUp(policy({ maxUsd: 1 }));
    const held = await hold(0.9);
    change(policy({ maxUsd: 0.5 }));
    expect(await passes(0.01)).toBe(false);
    await held.settle(costing(usd(0.4)), 'succeeded');
    expect([await passes(0.1), await passes(0.01)]).toEqual([true, false]);
    change(policy({ maxUsd: 2 }));
    expect(await passes(1.5)).toBe(true);
    expect(await spentOf('daily:2026-11-23')).toBe(usd(2));
  });

  test('a policy that was deleted and made again with its name goes on with what was counted and held', async () => {
    const { change, hold, passes, spentOf } = setUp(policy({ maxUsd: 1 }));
    const held = await hold(0.6);
    change();
    expect(await passes(100)).toBe(true);
    change(policy({ maxUsd: 1 }));
    expect(await passes(0.5)).toBe(false);
    await held.settle(costing(usd(0.6)), 'succeeded');
    expect([await passes(0.4), await passes(0.01)]).toEqual([true, false]);
    expect(await spentOf('daily:2026-11-23')).toBe(usd(1));
  });

  test('a policy of another name counts from its own first call; nothing is left over when the old one’s name comes back', async () => {
    const { clock, change, hold, passes, spentOf } = setUp(policy({ maxUsd: 1 }));
    const held = await hold(0.6);
    change(policy({ name: 'renamed', maxUsd: 1 }));
    expect(await passes(1)).toBe(true);
    await held.settle(costing(usd(0.1)), 'succeeded');
    await clock.pass(2_000);
    change(policy({ maxUsd: 1 }));
    expect([await passes(0.9), await passes(0.01)]).toEqual([true, false]);
    expect(await spentOf('renamed:2026-11-23')).toBe(usd(1));
  });
});

test('a lowered maximum is crossed once, also while another process has calls of the old one', async () => {
  const tables = new MemoryTables();
  const clock = new LeapingClock();
  const crossings: string[] = [];
  let current = [policy({ maxUsd: 10 })];
  const make = (name: string) =>
    makeGate(tables, {
      clock,
      policies: () => current,
      crossed: (_, state) => crossings.push(`${name} ${state.level}`),
    });
  const [here, there] = [make('here'), make('there')];
  const held = [await here.hold(call(usd(1))), await here.hold(call(usd(1))), await here.hold(call(usd(1)))];
  expect(await tryCall(there, usd(6), usd(6))).toBe(true);
  await there.tick();
  current = [policy({ maxUsd: 5 })];
  await here.tick();
  for (const one of held) {
    await tryCall(there, usd(0.1), usd(0.1));
    await there.tick();
    await one.settle(costing(usd(0.5)), 'succeeded');
    await clock.pass(2_000);
    await here.tick();
    await there.tick();
  }
  expect(crossings).toEqual(['there 2']);
});
