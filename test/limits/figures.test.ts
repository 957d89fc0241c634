import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LimitView } from '../../shared/limits/admin/limit-view.ts';
import { createLimits, type LimitService } from '../../shared/limits/limit-service.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import type { PayiClient } from '../../shared/payi/client.ts';
import { costing } from '../support/amounts.ts';
import { ADMIN_KEY, startTestApp, type TestApp } from '../support/app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, noon, policy, quiet, tryCall, usd } from './helpers.ts';

let app: TestApp;
let limits: LimitService;
let clock: ManualClock;
let tables: MemoryTables;
const at = expect.stringMatching(/^2026-11-23T12:00:0/);

const open = (policies: Policy[]): LimitService =>
  createLimits({
    tables,
    policies,
    payi: { get: async () => undefined } as unknown as PayiClient['limits'],
    publisher: { publish: async () => 'queued', close: async () => undefined },
    clock,
    telemetry: quiet,
    random: () => 0.5,
  });
async function start(policies: Policy[]) {
  limits = open(policies);
  app = await startTestApp({}, { limits });
}
/** Lets time pass until the work is done: writes of one row that meet are repeated after a pause. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let done = false;
  void work.finally(() => (done = true)).catch(() => undefined);
  while (!done) await clock.pass(1);
  return work;
}
async function list() {
  const response = await inTime(app.call('list-limits', { headers: { 'x-functions-key': ADMIN_KEY } }));
  return ((await response.json()) as { data: { limits: LimitView[]; policies: { name: string; limits: number }[] } })
    .data;
}
const view = async (policyName = 'daily') => (await list()).limits.find((limit) => limit.policy === policyName);

beforeEach(() => {
  clock = new ManualClock(noon);
  tables = new MemoryTables();
});
afterEach(async () => {
  await app.close();
});

describe('the figures of a limit', () => {
  test('right after a call are what it cost, what nobody holds, and what is left', async () => {
    await start([policy({ maxUsd: 50 })]);
    expect(await tryCall(limits.gate, usd(0.25), usd(0.1))).toBe(true);
    expect(await view()).toMatchObject({ spentUsd: 0.1, heldUsd: 0, leftUsd: 49.9, asOf: at });
    expect(await view()).toMatchObject({ setAsideUsd: expect.toSatisfy((usd: number) => usd > 0) });
  });

  test('while calls are in flight tell their holds from what is set aside for calls to come', async () => {
    await start([policy({ maxUsd: 50 })]);
    const first = await limits.gate.hold(call(usd(0.25)));
    await limits.gate.hold(call(usd(0.5)));
    expect(await view()).toMatchObject({ spentUsd: 0, heldUsd: 0.75, leftUsd: 49.25 });
    await first.settle(costing(usd(0.2)), 'succeeded');
    expect(await view()).toMatchObject({ spentUsd: 0.2, heldUsd: 0.5, leftUsd: 49.3 });
  });

  test('of a limit that refuses nothing are as fresh', async () => {
    await start([policy({ maxUsd: 50, type: 'allow' })]);
    await tryCall(limits.gate, usd(0.25), usd(0.1));
    expect(await view()).toMatchObject({ spentUsd: 0.1, heldUsd: 0, setAsideUsd: 0, leftUsd: 49.9, state: 'ok' });
  });

  test('that another process wrote say when', async () => {
    await start([policy({ maxUsd: 50 })]);
    const other = open([policy({ maxUsd: 50 })]);
    await other.gate.hold(call(usd(0.25)));
    await clock.pass(300);
    expect(await view()).toMatchObject({ heldUsd: 0.25, asOf: new Date(noon).toISOString() });
  });

  test('before the first call are zeros without a time, and each policy is named', async () => {
    await start([
      policy({ maxUsd: 50 }),
      policy({ name: 'each', scope: 'user' }),
      policy({ name: 'off', enabled: false }),
    ]);
    const { limits: all, policies } = await list();
    expect(all).toMatchObject([{ policy: 'daily', spentUsd: 0, leftUsd: 50, asOf: null, refused: null }]);
    expect(policies).toMatchObject([
      { name: 'daily', limits: 1, enabled: true },
      { name: 'each', limits: 0, enabled: true },
      { name: 'off', limits: 0, enabled: false },
    ]);
  });
});

describe('a limit that refuses', () => {
  test('is reached while a call that it refused would not fit, though something is left', async () => {
    await start([policy({ maxUsd: 5 })]);
    await tryCall(limits.gate, usd(4.9115), usd(4.9115));
    expect((await view())?.state).toBe('ok');
    expect(await tryCall(limits.gate, usd(0.1), 0n)).toBe(false);
    await expect.poll(async () => (await view())?.state).toBe('reached');
    expect(await view()).toMatchObject({ leftUsd: 0.0885, refused: { neededUsd: 0.1, at } });
  });

  test('is not reached once what was refused fits again', async () => {
    await start([policy({ maxUsd: 5 })]);
    const hold = await limits.gate.hold(call(usd(4)));
    expect(await tryCall(limits.gate, usd(2), 0n)).toBe(false);
    await expect.poll(async () => (await view())?.state).toBe('reached');
    await hold.settle(costing(usd(0.1)), 'succeeded');
    expect(await view()).toMatchObject({ state: 'ok', leftUsd: 4.9, refused: { neededUsd: 2 } });
  });

  test('keeps the largest call that had no room', async () => {
    await start([policy({ maxUsd: 5 })]);
    for (const needed of [6, 6.9, 5.5]) expect(await tryCall(limits.gate, usd(needed), 0n)).toBe(false);
    await expect.poll(async () => (await view())?.refused).toMatchObject({ neededUsd: 6.9 });
    expect(await view()).toMatchObject({ state: 'reached', leftUsd: 5 });
  });

  test('has nothing left while calls in flight hold all of it', async () => {
    await start([policy({ maxUsd: 5 })]);
    await limits.gate.hold(call(usd(5)));
    expect(await view()).toMatchObject({ state: 'reached', heldUsd: 5, leftUsd: 0 });
  });

  test('in shadow is never reached', async () => {
    await start([policy({ maxUsd: 5, shadow: true })]);
    await tryCall(limits.gate, usd(6), usd(6));
    expect(await view()).toMatchObject({ state: 'overrun', refused: null });
  });
});
