import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalTables, startTables } from '../../infra/local/tables/src/tables.ts';
import type { LimitRow, StateRow } from '../../shared/limits/state/limit-rows.ts';
import { openTables } from '../../shared/tables/open.ts';
import { systemClock } from '../../shared/util/clock.ts';
import { costing } from '../support/amounts.ts';
import { call, keepTicking, makeGate, policy, totalOf, usd } from './helpers.ts';

let azurite: LocalTables;
beforeAll(async () => {
  azurite = await startTables();
});
afterAll(() => azurite.close());

test('two gates on one Azurite use a limit up exactly, with many calls at once', async () => {
  const tables = openTables({ connection: azurite.connectionString, prefix: 'two' });
  const rules = [policy({ maxUsd: 1 }), policy({ name: 'each', scope: 'user', maxUsd: 100 })];
  const gates = [1, 2].map(() => makeGate(tables, { clock: systemClock, policies: rules }));
  const stops = gates.map((gate) => keepTicking(gate, systemClock));
  const outcomes = await Promise.all(
    Array.from({ length: 120 }, async (_, turn) => {
      const gate = gates[turn % 2];
      if (!gate) return 'none';
      try {
        const hold = await gate.hold(call(usd(0.02), { userId: `user-${turn % 3}` }));
        await systemClock.sleep(20);
        await hold.settle(costing(usd(0.01)), 'succeeded');
        return 'passed';
      } catch (error) {
        return (error as { code?: string }).code;
      }
    }),
  );
  for (const stop of stops) stop();
  for (const gate of gates) await gate.close();
  const state = (await tables.open<LimitRow>('limits').get('daily:2026-11-23', 'state')) as StateRow;
  const passed = outcomes.filter((outcome) => outcome === 'passed').length;
  expect(new Set(outcomes)).toEqual(new Set(passed === 120 ? ['passed'] : ['passed', 'limit_reached']));
  expect(passed).toBeGreaterThanOrEqual(50);
  expect(state.settledNano).toBe(usd(0.01) * BigInt(passed));
  expect(state.heldNano).toBe(0n);
  expect(totalOf(state)).toBeLessThanOrEqual(usd(1));
});
