import { expect, test } from 'vitest';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import { LEASE_MS } from '../../shared/limits/owners/lease.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import { groupWrites } from '../../shared/limits/state/group-writes.ts';
import type { AllocationRow, LimitRow, StateRow } from '../../shared/limits/state/limit-rows.ts';
import type { Tables } from '../../shared/tables/table.ts';
import { costing } from '../support/amounts.ts';
import { LeapingClock, ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, policy, recorder, usd } from './helpers.ts';

const USERS = 10_000;
const policies = [policy({ name: 'each', scope: 'user', maxUsd: 1 })];
const users = (count: number) => Array.from({ length: count }, (_, at) => `user-${at}`);

const slicesOf = (tables: MemoryTables) =>
  tables.rows<LimitRow>('limits').filter((row): row is AllocationRow & { etag: string } => 'amountNano' in row);
const statesOf = (tables: MemoryTables) =>
  tables.rows<LimitRow>('limits').filter((row): row is StateRow & { etag: string } => 'level' in row);

async function oneCallEach(tables: MemoryTables, count: number, clock = new ManualClock()) {
  const gate = makeGate(tables, { clock, policies });
  const holds = await Promise.all(users(count).map((userId) => gate.hold(call(usd(0.01), { userId }))));
  return { gate, holds };
}

/** Runs of the timer that ends the owners of dead processes. */
const expiring =
  ({ tables, ...means }: { tables: Tables } & Pick<Parameters<typeof expireOwners>[0], 'clock' | 'telemetry'>) =>
  () =>
    expireOwners({
      ...means,
      limits: groupWrites(tables.open<LimitRow>('limits')),
      holders: tables.open<OwnerRow>('limitholders'),
      random: () => 0.5,
      publisher: { publish: async () => 'queued', close: async () => undefined },
      crossed: () => undefined,
    });

test('the first call of a new user costs one write, which users share', async () => {
  const tables = new MemoryTables();
  const { holds } = await oneCallEach(tables, 1_000);
  expect(holds).toHaveLength(1_000);
  expect(statesOf(tables)).toHaveLength(1_000);
  // 8 partitions: an index row each, and transactions of up to 50 limits.
  expect(tables.operations.get('query') ?? 0).toBe(0);
  expect(tables.operations.get('transact')).toBeLessThanOrEqual(40);
  expect(tables.operations.get('upsert')).toBeLessThanOrEqual(8);
});

test('the first call of a user that other processes know costs a read and a write, but for a few wrong guesses', async () => {
  const tables = new MemoryTables();
  const clock = new LeapingClock();
  const first = await oneCallEach(tables, 200, clock);
  await first.gate.close();
  tables.operations.clear();
  const gate = makeGate(tables, { clock, policies });
  for (const userId of users(200)) await gate.hold(call(usd(0.01), { userId }));
  const indexAndLease = 9;
  // Of nine first uses one is a guess that costs a request.
  expect(tables.requests - indexAndLease).toBeLessThanOrEqual(200 * 2 + Math.ceil(200 / 9));
});

test('10,000 allocations are given back at the end of a process', async () => {
  const tables = new MemoryTables();
  const { gate, holds } = await oneCallEach(tables, USERS);
  expect(slicesOf(tables)).toHaveLength(USERS);
  await Promise.all(holds.map((hold) => hold.settle(costing(usd(0.01)), 'succeeded')));
  tables.operations.clear();
  await gate.close();
  expect(slicesOf(tables)).toEqual([]);
  expect(tables.rows('limitholders')).toEqual([]);
  for (const state of statesOf(tables)) expect([state.settledNano, state.heldNano]).toEqual([usd(0.01), 0n]);
  expect(tables.operations.get('transact')).toBeLessThanOrEqual(300);
});

test('10,000 allocations of a process that died count as spent after one run of the timer, and only once', async () => {
  const tables = new MemoryTables();
  const clock = new LeapingClock();
  await oneCallEach(tables, USERS, clock);
  await clock.pass(LEASE_MS + 20_000);
  const telemetry = recorder();
  const expire = expiring({ tables, clock, telemetry });
  const held = slicesOf(tables).reduce((sum, { amountNano }) => sum + amountNano, 0n);
  tables.operations.clear();
  await Promise.all([expire(), expire()]);
  expect(slicesOf(tables)).toEqual([]);
  expect(statesOf(tables).reduce((sum, { settledNano }) => sum + settledNano, 0n)).toBe(held);
  expect(telemetry.lines.filter((line) => line === 'slices-abandoned')).toHaveLength(USERS);
});

test('a run of the timer ends in time where the tables are slow, and later runs do the rest, each slice once', async () => {
  const tables = new MemoryTables();
  const clock = new LeapingClock();
  await oneCallEach(tables, 1_000, clock);
  await clock.pass(LEASE_MS + 20_000);
  const held = slicesOf(tables).reduce((sum, { amountNano }) => sum + amountNano, 0n);
  const telemetry = recorder();
  const slow = tables.client({
    before: async (operation) => {
      // Each of 20 transactions or more.
      if (operation === 'transact') await clock.pass(10_000);
      return 'answered';
    },
  });
  const expire = expiring({ tables: slow, clock, telemetry });
  await expire();
  const left = slicesOf(tables).length;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(1_000);
  while (slicesOf(tables).length > 0) await expire();
  expect(statesOf(tables).reduce((sum, { settledNano }) => sum + settledNano, 0n)).toBe(held);
  expect(telemetry.lines.filter((line) => line === 'slices-abandoned')).toHaveLength(1_000);
});
