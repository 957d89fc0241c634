import { expect, test } from 'vitest';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import type { LimitRow } from '../../shared/limits/state/limit-rows.ts';
import { costing } from '../support/amounts.ts';
import { LeapingClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { recording } from '../support/recording.ts';
import { call, makeGate, noon, policy, quiet, stateOf, totalOf, usd } from './helpers.ts';

const MINUTE_MS = 60_000;

test.each([5, -5])('clocks that differ by %d minutes never let more through than the limit has', async (minutes) => {
  const tables = new MemoryTables();
  const policies = [policy({ window: 'none', maxUsd: 1 })];
  const right = new LeapingClock(noon);
  const wrong = new LeapingClock(noon + minutes * MINUTE_MS);
  const [one, other] = [right, wrong].map((clock) => makeGate(tables, { clock, policies }));
  let spent = 0n;
  const tryOne = async (gate = one) => {
    const hold = await gate?.hold(call(usd(0.04))).catch(() => undefined);
    if (!hold) return;
    // The process with the other clock takes this one for dead while the call is under way, or the other way round.
    for (const clock of [right, wrong]) {
      const means = { limits: tables.open<LimitRow>('limits'), clock, random: () => 0.5, crossed: () => undefined };
      const holders = tables.open<OwnerRow>('limitholders');
      await expireOwners({ ...means, holders, publisher: recording().publisher, telemetry: quiet });
    }
    await hold.settle(costing(usd(0.04)), 'succeeded');
    spent += usd(0.04);
  };
  for (let turn = 0; turn < 40; turn++) {
    await tryOne(turn % 2 ? one : other);
    for (const clock of [right, wrong]) await clock.pass(500);
    for (const gate of [one, other]) await gate?.tick();
  }
  expect(spent).toBeLessThanOrEqual(usd(1));
  expect(totalOf(stateOf(tables, 'daily:always'))).toBeGreaterThanOrEqual(spent);
  expect(totalOf(stateOf(tables, 'daily:always'))).toBeLessThanOrEqual(usd(1));
});
