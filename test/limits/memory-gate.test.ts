import { expect, test } from 'vitest';
import { createMemoryGate } from '../../shared/limits/gate/memory-gate.ts';
import { costing, toolsCosting } from '../support/amounts.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { call, noon, policy, usd } from './helpers.ts';

const gateOf = (...policies: Parameters<typeof policy>[0][]) => {
  const clock = new ManualClock(noon);
  return {
    clock,
    gate: createMemoryGate(
      policies.map((facts) => policy(facts)),
      clock,
    ),
  };
};
const refused = { code: 'limit_reached', status: 402 };

test('holds never pass the maximum, and a settled call frees what it did not cost', async () => {
  const { gate } = gateOf({ maxUsd: 5 });
  const holds = await Promise.allSettled(Array.from({ length: 8 }, () => gate.hold(call(usd(1)))));
  expect(holds.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  const [first] = holds;
  if (first?.status !== 'fulfilled') throw new Error('the first call was refused');
  await expect(gate.hold(call(usd(0.1)))).rejects.toMatchObject(refused);
  await first.value.settle(costing(usd(0.4)), 'succeeded');
  await first.value.settle(costing(usd(0.4)), 'succeeded');
  await gate.hold(call(usd(0.6)));
  await expect(gate.hold(call(1n))).rejects.toMatchObject(refused);
});

test('the exact bound is asked for only where the cheap one does not fit', async () => {
  const { gate } = gateOf({ maxUsd: 1 });
  let asked = 0;
  const exactBound = async () => {
    asked += 1;
    return costing(usd(0.9));
  };
  const hold = await gate.hold(call(usd(0.5), { exactBound }));
  expect(asked).toBe(0);
  await hold.settle(costing(0n), 'failed');
  expect((await gate.hold(call(usd(2), { exactBound }))).heldNanoUsd).toBe(usd(0.9));
  expect(asked).toBe(1);
});

test('two calls that ask for an exact bound at once do not both get the last room', async () => {
  const { gate } = gateOf({ maxUsd: 1 });
  const exact = { exactBound: async () => costing(usd(0.6)) };
  const both = await Promise.allSettled([gate.hold(call(usd(2), exact)), gate.hold(call(usd(2), exact))]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('an unknown price counts as what was held; an allow limit refuses nothing and warns', async () => {
  const { gate } = gateOf({ maxUsd: 1, type: 'allow', threshold: 0.8 });
  await (await gate.hold(call(usd(0.9)))).settle(null, 'succeeded');
  const near = await gate.hold(call(usd(5)));
  expect(near.warnings).toMatchObject([{ state: 'exceeded', spent: usd(0.9) }]);
  await near.settle(costing(usd(5)), 'succeeded');
  expect((await gate.hold(call(1n))).warnings).toMatchObject([{ state: 'overrun' }]);
});

test('a stream with server tools takes more while it runs, and is refused without room', async () => {
  const { gate } = gateOf({ maxUsd: 1 });
  const serverTools = { kind: 'search', certain: costing(usd(0.2)), turn: toolsCosting(usd(0.1)), isStream: true };
  const hold = await gate.hold(call(usd(50), { serverTools }));
  expect(hold.heldNanoUsd).toBe(usd(0.45));
  await hold.cover(toolsCosting(usd(0.5)));
  expect(hold.heldNanoUsd).toBe(usd(0.7));
  await expect(hold.cover(toolsCosting(usd(0.9)))).rejects.toMatchObject(refused);
  expect(hold.heldNanoUsd).toBe(usd(0.7));
  await hold.settle(costing(usd(0.7)), 'succeeded', toolsCosting(usd(0.5)));
  await expect(gate.hold(call(usd(0.31)))).rejects.toMatchObject(refused);
});

test('each user and each day has its own, and days that have ended are forgotten', async () => {
  const { gate, clock } = gateOf({ scope: 'user', maxUsd: 1 });
  await (await gate.hold(call(usd(1), { userId: 'a' }))).settle(costing(usd(1)), 'succeeded');
  await expect(gate.hold(call(usd(1), { userId: 'a' }))).rejects.toMatchObject(refused);
  await gate.hold(call(usd(1), { userId: 'b' }));
  await clock.pass(24 * 3_600_000);
  await gate.hold(call(usd(1), { userId: 'a', occurredAtMs: clock.now() }));
});
