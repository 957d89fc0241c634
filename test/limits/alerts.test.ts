import { describe, expect, test } from 'vitest';
import { resetLimit } from '../../shared/limits/admin/reset-limit.ts';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import { refreshAll } from '../../shared/limits/payi/refresh-all.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { ThresholdAlerts } from '../../shared/limits/state/alerts.ts';
import { stateKey } from '../../shared/limits/state/limit-place.ts';
import { type LimitRow, newState, type StateRow } from '../../shared/limits/state/limit-rows.ts';
import type { Limits } from '../../shared/payi/limits.ts';
import { LeapingClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, policy, recorder, stateOf, tryCall, usd } from './helpers.ts';

const startMs = Date.parse('2026-11-23T23:58:00Z');

function setUp({ webhook = true }: { webhook?: boolean } = {}) {
  const tables = new MemoryTables();
  const clock = new LeapingClock(startMs);
  const telemetry = recorder();
  const posts: { limitId: string; level: string; id: string }[] = [];
  const hook = { status: 200 };
  const fetch = async (_: unknown, init?: RequestInit) => {
    if (hook.status === 200) posts.push(JSON.parse(String(init?.body)));
    return new Response('', { status: hook.status });
  };
  const means = { limits: tables.open<LimitRow>('limits'), clock, random: () => 0.5 };
  const crossings = (broken?: string) => {
    const own = {
      ...means,
      limits: {
        ...means.limits,
        get: async (partition: string, row: string) => {
          if (broken !== undefined && row === stateKey(broken).rowKey) throw new Error('its row is broken');
          return means.limits.get(partition, row);
        },
      },
    };
    return new ThresholdAlerts({ ...own, telemetry, fetch, ...(webhook && { webhookUrl: 'http://hook.invalid/' }) });
  };
  const refreshed: string[] = [];
  const everyMinute = (policies: Policy[], broken?: string) =>
    refreshAll({
      ...means,
      telemetry,
      crossings: crossings(broken),
      policies: { current: () => policies },
      mirror: {
        refresh: async (states) => {
          refreshed.push(...states.keys());
          return { left: 0, cursor: undefined };
        },
      },
    });
  const insert = (limitId: string, facts: Partial<StateRow>) =>
    means.limits.insert({ ...newState(limitId), maxNano: usd(5), warnNano: usd(4), ...facts });
  return { tables, clock, telemetry, posts, hook, means, crossings, refreshed, everyMinute, insert };
}

const crossed = { settledNano: usd(6), level: 2, levelAtMs: startMs };

describe('a crossing that was left unannounced', () => {
  test.each([
    ['day', 'daily:2026-11-23'],
    ['month', 'monthly:2026-11'],
  ] as const)('when its %s ended is announced once', async (window, limitId) => {
    const { posts, clock, hook, crossings, everyMinute, insert, refreshed, tables } = setUp();
    if (window === 'month') await clock.pass(7 * 24 * 3_600_000);
    const levelAtMs = clock.now();
    await insert(limitId, { ...crossed, levelAtMs });
    hook.status = 503;
    const dying = crossings();
    dying.reached(limitId, stateOf(tables, limitId));
    await dying.close();
    expect(posts).toEqual([]);
    hook.status = 200;
    await clock.pass(3 * 60_000);
    const policies = [policy({ name: limitId.split(':')[0] ?? '', window })];
    for (let minute = 0; minute < 3; minute++) {
      await everyMinute(policies);
      await clock.pass(60_000);
    }
    expect(posts).toMatchObject([{ limitId, level: 'overrun' }]);
    // A period that is over is asked for at Pay-i no more.
    expect(refreshed).toEqual([]);
  });

  test('is logged where there is no webhook', async () => {
    const { telemetry, clock, everyMinute, insert, tables } = setUp({ webhook: false });
    await insert('daily:2026-11-23', crossed);
    await clock.pass(121_000);
    for (let minute = 0; minute < 2; minute++) await everyMinute([policy()]);
    expect(telemetry.lines.filter((line) => line === 'limit-crossed')).toHaveLength(1);
    expect(stateOf(tables).announced).toBe(2);
  });

  test('is announced though another limit can’t be', async () => {
    const { posts, telemetry, everyMinute, insert, tables } = setUp();
    const before = { ...crossed, levelAtMs: startMs - 600_000 };
    await insert('daily:2026-11-23:a', before);
    await insert('daily:2026-11-23:b', before);
    await everyMinute([policy({ scope: 'use_case' })], 'daily:2026-11-23:a');
    expect(telemetry.lines).toContain('limit-not-announced');
    expect(posts.map(({ limitId }) => limitId).sort()).toEqual(['daily:2026-11-23:a', 'daily:2026-11-23:b']);
    expect(stateOf(tables, 'daily:2026-11-23:b').announced).toBe(2);
    expect(stateOf(tables, 'daily:2026-11-23:a').announced).toBe(0);
  });
});

describe('a first refusal', () => {
  test('is a crossing once, and once more after a reset and after a new maximum', async () => {
    const { tables, clock, telemetry, posts, crossings, means } = setUp();
    const here = crossings();
    let policies = [policy({ name: 'cap', window: 'none', maxUsd: 1 })];
    const gate = makeGate(tables, {
      clock,
      policies: () => policies,
      refused: ({ limitId }, life, neededNano) => here.refused(limitId, life, neededNano),
    });
    const refusals = async () => {
      for (let turn = 0; turn < 3; turn++) expect(await tryCall(gate, usd(3), usd(3))).toBe(false);
      await here.close();
      await clock.pass(1_000);
      return posts.length;
    };
    expect(await tryCall(gate, usd(0.5), usd(0.5))).toBe(true);
    expect(await refusals()).toBe(1);
    const payi = { reset: async () => undefined } as unknown as Limits;
    await resetLimit({ ...means, payi }, 'cap:always', 'ops');
    expect(await refusals()).toBe(2);
    policies = [policy({ name: 'cap', window: 'none', maxUsd: 2 })];
    expect(await refusals()).toBe(3);
    expect(posts.map(({ level }) => level)).toEqual(['reached', 'reached', 'reached']);
    expect(new Set(posts.map(({ id }) => id)).size).toBe(3);
    expect(telemetry.lines.filter((line) => line === 'limit-crossed')).toHaveLength(3);
    expect(telemetry.lines.filter((line) => line === 'limits-crossed')).toHaveLength(3);
  });
});

test('what a dead process held may bring a limit to its threshold: told when it counts as spent', async () => {
  const { tables, clock, means, telemetry } = setUp();
  const gate = makeGate(tables, { clock, policies: [policy({ maxUsd: 1, threshold: 0.8 })] });
  await gate.hold(call(usd(0.9), { occurredAtMs: startMs }));
  const crossed: [string, number][] = [];
  const expire = () =>
    expireOwners({
      ...means,
      holders: tables.open<OwnerRow>('limitholders'),
      publisher: { publish: async () => 'queued', close: async () => undefined },
      telemetry,
      crossed: (limitId, { level }) => void crossed.push([limitId, level]),
    });
  // The process dies here; by the time that it is found its day is over.
  await clock.pass(3 * 60_000);
  await expire();
  await expire();
  expect(crossed).toEqual([['daily:2026-11-23', 1]]);
  expect(stateOf(tables)).toMatchObject({ level: 1, levelAtMs: clock.now() });
});
