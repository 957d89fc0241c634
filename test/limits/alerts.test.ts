import { describe, expect, test } from 'vitest';
import { resetLimit } from '../../shared/limits/admin/reset-limit.ts';
import { alertOf } from '../../shared/limits/alerts/alert.ts';
import type { AlertRow } from '../../shared/limits/alerts/alert-outbox.ts';
import type { AlertTarget } from '../../shared/limits/alerts/alert-targets.ts';
import { expireOwners } from '../../shared/limits/owners/expire-owners.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import { refreshAll } from '../../shared/limits/payi/refresh-all.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { moveLevel } from '../../shared/limits/state/limit-math.ts';
import { stateKey } from '../../shared/limits/state/limit-place.ts';
import { type LimitRow, newState, type StateRow } from '../../shared/limits/state/limit-rows.ts';
import type { Limits } from '../../shared/payi/limits.ts';
import { LeapingClock, ManualClock, settled } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { alertsTo, call, makeGate, noon, policy, recorder, stateOf, tryCall, usd } from './helpers.ts';

const startMs = Date.parse('2026-11-23T23:58:00Z');

function setUp({ webhook = true }: { webhook?: boolean } = {}) {
  const tables = new MemoryTables();
  const clock = new LeapingClock(startMs);
  const telemetry = recorder();
  const hook = { status: 200 };
  const means = { limits: tables.open<LimitRow>('limits'), clock, random: () => 0.5 };
  const processes: ReturnType<typeof alertsTo>[] = [];
  const start = (broken?: string) => {
    const limits = {
      ...means.limits,
      get: async (partition: string, row: string) => {
        if (broken !== undefined && row === stateKey(broken).rowKey) throw new Error('its row is broken');
        return means.limits.get(partition, row);
      },
    };
    const targets: AlertTarget[] = webhook ? [{ url: 'http://hook.invalid/', format: 'json' }] : [];
    const made = alertsTo(tables, { clock, telemetry, status: () => hook.status, limits, targets });
    processes.push(made);
    return made;
  };
  const crossings = () => start().alerts;
  const posts = () => processes.flatMap(({ taken }) => taken());
  const refreshed: string[] = [];
  const everyMinute = (policies: Policy[], broken?: string) => {
    const { alerts, outbox } = start(broken);
    return refreshAll({
      ...means,
      telemetry,
      crossings: alerts,
      outbox,
      policies: { current: () => policies },
      mirror: {
        refresh: async (states) => {
          refreshed.push(...states.keys());
          return { left: 0, cursor: undefined };
        },
      },
    });
  };
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
    dying.reached(stateOf(tables, limitId));
    await dying.close();
    expect(posts()).toEqual([]);
    hook.status = 200;
    await clock.pass(3 * 60_000);
    const policies = [policy({ name: limitId.split(':')[0] ?? '', window })];
    for (let minute = 0; minute < 3; minute++) {
      await everyMinute(policies);
      await clock.pass(60_000);
    }
    expect(posts()).toMatchObject([{ limitId, level: 'overrun' }]);
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
    expect(
      posts()
        .map(({ limitId }) => limitId)
        .sort(),
    ).toEqual(['daily:2026-11-23:a', 'daily:2026-11-23:b']);
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
      return posts().length;
    };
    expect(await tryCall(gate, usd(0.5), usd(0.5))).toBe(true);
    expect(await refusals()).toBe(1);
    const payi = { reset: async () => undefined } as unknown as Limits;
    await resetLimit({ ...means, payi }, 'cap:always', 'ops');
    expect(await refusals()).toBe(2);
    policies = [policy({ name: 'cap', window: 'none', maxUsd: 2 })];
    expect(await refusals()).toBe(3);
    expect(posts().map(({ level }) => level)).toEqual(['reached', 'reached', 'reached']);
    expect(new Set(posts().map(({ id }) => id)).size).toBe(3);
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

describe('delivery', () => {
  const state: StateRow = {
    ...newState('daily:2026-11-23'),
    settledNano: usd(4.5),
    maxNano: usd(5),
    warnNano: usd(4),
    level: 1,
    levelAtMs: noon,
  };

  async function start(answers: number[] = [], clock: ManualClock = new LeapingClock(noon)) {
    const tables = new MemoryTables();
    await tables.open<LimitRow>('limits').insert(state);
    const telemetry = recorder();
    const status = () => answers.shift() ?? 200;
    const here = alertsTo(tables, { clock, telemetry, status });
    const rows = () => tables.rows<AlertRow>('limitalerts');
    return { tables, clock, telemetry, rows, status, ...here };
  }

  test('is tried until it is acknowledged, and only until then', async () => {
    const { alerts, posts, rows, tables, outbox, clock } = await start([503, 302]);
    alerts.reached(state);
    await alerts.close();
    expect(posts.map(({ status }) => status)).toEqual([503, 302, 200]);
    expect(rows()).toEqual([]);
    expect(stateOf(tables).announced).toBe(1);
    await clock.pass(120_000);
    await alerts.catchUp(stateOf(tables));
    expect(await outbox.deliverDue(clock.now() + 1)).toBe(0);
    expect(posts).toHaveLength(3);
    expect(JSON.parse(posts[0]?.body ?? '')).toEqual({
      event: 'limit-crossed',
      id: `daily:2026-11-23 0 exceeded ${noon}`,
      limitId: 'daily:2026-11-23',
      policy: 'daily',
      level: 'exceeded',
      unit: 'usd',
      maxUsd: 5,
      spentUsd: 4.5,
      at: '2026-11-23T12:00:00.000Z',
      resetsAt: '2026-11-24T00:00:00.000Z',
      forecast: null,
    });
  });

  test('of a process that died before it was acknowledged is another one’s', async () => {
    const dying = await start([503], new ManualClock(noon));
    dying.alerts.reached(state);
    await settled();
    expect(dying.posts).toHaveLength(1);
    const clock = new LeapingClock(noon);
    const other = alertsTo(dying.tables, { clock });
    await other.outbox.deliverDue(clock.now() + 1);
    expect(other.posts).toEqual([]);
    await clock.pass(61_000);
    await other.outbox.deliverDue(clock.now() + 1);
    expect(other.posts).toHaveLength(1);
    expect(dying.rows()).toEqual([]);
  });

  test('is one process’s at a time', async () => {
    const { tables, outbox, clock, posts, alerts } = await start();
    await outbox.put(alertOf(state, 'level', noon), noon);
    const other = alertsTo(tables, { clock });
    await Promise.all([outbox.deliverDue(noon + 1), other.outbox.deliverDue(noon + 1)]);
    expect(posts.length + other.posts.length).toBe(1);
    await alerts.close();
  });

  test('that nobody acknowledges for a day ends as a dead letter, which is deleted with the retention', async () => {
    const { alerts, outbox, posts, rows, clock, telemetry } = await start(Array<number>(50).fill(500));
    alerts.reached(state);
    await alerts.close();
    expect(posts).toHaveLength(4);
    for (let minute = 0; minute < 30 * 60; minute += 5) {
      await clock.pass(300_000);
      await outbox.deliverDue(clock.now() + 1);
    }
    expect(posts).toHaveLength(12);
    expect(rows()).toMatchObject([{ rowKey: expect.stringMatching(/^dead!/), attempts: 12, lastError: 'status 500' }]);
    expect(telemetry.lines).toContain('limit-alert-given-up');
    expect(await outbox.prune(noon)).toBe(0);
    expect(await outbox.prune(noon + 1)).toBe(1);
  });

  test('that was given up is sent again when an admin asks for it', async () => {
    const { alerts, outbox, posts, rows, clock } = await start(Array<number>(12).fill(500));
    alerts.reached(state);
    await alerts.close();
    for (let minute = 0; minute < 30 * 60; minute += 5) {
      await clock.pass(300_000);
      await outbox.deliverDue(clock.now() + 1);
    }
    const [dead] = await outbox.listDead();
    expect(dead).toMatchObject({
      limitId: state.limitId,
      event: 'limit-crossed',
      attempts: 12,
      lastError: 'status 500',
    });
    const id = dead?.id ?? '';
    expect(await outbox.replay([id, id, 'another'])).toEqual({ replayed: [id], skipped: 1 });
    expect(await outbox.replay([id])).toEqual({ replayed: [], skipped: 1 });
    expect(await outbox.listDead()).toEqual([]);
    await outbox.deliverDue(clock.now() + 1);
    expect([posts.at(-1)?.status, rows()]).toEqual([200, []]);
    // Its receiver knows it by the same id.
    expect(JSON.parse(posts.at(-1)?.body ?? '{}').id).toBe(JSON.parse(posts[0]?.body ?? '{}').id);
  });

  test('of a first refusal is one of all processes together', async () => {
    const { tables, alerts, posts, clock } = await start();
    const other = alertsTo(tables, { clock });
    for (const each of [alerts, other.alerts]) {
      each.refused(state.limitId, 'first', usd(1));
      each.refused(state.limitId, 'first', usd(1));
    }
    await settled();
    for (const each of [alerts, other.alerts]) await each.close();
    expect(posts.length + other.posts.length).toBe(1);
  });

  test('goes to each target in its format, signed where it has a secret', async () => {
    const targets: AlertTarget[] = [
      { url: 'https://json.invalid/', format: 'json', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      { url: 'https://slack.invalid/', format: 'slack' },
      { url: 'https://teams.invalid/', format: 'teams' },
    ];
    const tables = new MemoryTables();
    await tables.open<LimitRow>('limits').insert(state);
    const { alerts, posts } = alertsTo(tables, { clock: new LeapingClock(noon), targets });
    alerts.reached(state);
    await alerts.close();
    const to = (name: string) => posts.find(({ url }) => url.includes(name));
    expect(posts).toHaveLength(3);
    expect(to('json')?.headers).toMatchObject({ 'webhook-timestamp': String(noon / 1_000) });
    expect(JSON.parse(to('slack')?.body ?? '')).toEqual({
      text: 'Limit daily:2026-11-23 is past its threshold',
      blocks: [
        { type: 'section', text: { type: 'plain_text', text: 'Limit daily:2026-11-23 is past its threshold' } },
        {
          type: 'section',
          fields: [
            { type: 'plain_text', text: 'Spent: 4.5 USD of 5 USD' },
            { type: 'plain_text', text: 'Since: 2026-11-23T12:00:00.000Z' },
            { type: 'plain_text', text: 'Resets: 2026-11-24T00:00:00.000Z' },
          ],
        },
      ],
    });
    expect(JSON.parse(to('teams')?.body ?? '')).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock' }, { type: 'FactSet' }] },
        },
      ],
    });
  });
});

describe('shares of the maximum', () => {
  const shares = { alerts: [0.5, 0.8, 0.95], threshold: 0.8, maxUsd: 10 };

  async function spend(amounts: number[], facts: Partial<Policy> = {}) {
    const tables = new MemoryTables();
    const clock = new LeapingClock(noon);
    const here = alertsTo(tables, { clock });
    const gate = makeGate(tables, {
      clock,
      policies: [policy({ ...shares, ...facts })],
      crossed: (_, state) => here.alerts.reached(state),
    });
    for (const amount of amounts) {
      await tryCall(gate, usd(amount), usd(amount));
      await gate.writeDown(() => true);
      await clock.pass(1_000);
    }
    await here.alerts.close();
    const reached = () => here.taken().map(({ level, share }) => [level, share]);
    return { tables, reached, ...here };
  }

  test('are reported once each, one with the threshold as one', async () => {
    const { reached, tables, alerts } = await spend([4.9, 0.2, 0.1, 3, 0.1, 1.3, 0.1]);
    expect(reached()).toEqual([
      ['ok', 50],
      ['exceeded', 80],
      ['exceeded', 95],
    ]);
    expect(stateOf(tables)).toMatchObject({ share: 95, shareAnnounced: 95, level: 1, announced: 1 });
    await alerts.catchUp(stateOf(tables));
    expect(reached()).toHaveLength(3);
  });

  test('that one write passes are one report, of the largest', async () => {
    const { reached } = await spend([9.6]);
    expect(reached()).toEqual([['exceeded', 95]]);
  });

  test('are not reported where a policy has no alerts', async () => {
    const { reached, tables } = await spend([6, 1], { alerts: undefined });
    expect(reached()).toEqual([]);
    expect(stateOf(tables)).not.toHaveProperty('share');
  });

  test('are reported once more after a reset, and after a raised maximum', () => {
    const state = (facts: Partial<StateRow>): StateRow => ({
      ...newState('cap:always'),
      maxNano: usd(10),
      warnNano: usd(10),
      alertAt: '50,80',
      ...facts,
    });
    const raised = state({ maxNano: usd(20), warnNano: usd(20), share: 80, shareAnnounced: 80, shareAtMs: noon });
    expect(moveLevel(raised, usd(10), usd(8), noon + 1)).toBeUndefined();
    expect(raised).toMatchObject({ share: 0, shareAnnounced: 0 });
    expect(moveLevel(raised, usd(20), usd(10), noon + 2)).toBe(0);
    expect(raised).toMatchObject({ share: 50, shareAnnounced: 0, shareAtMs: noon + 2 });
  });

  test('that a dead process left unannounced are found by the timer', async () => {
    const { insert, clock, everyMinute, posts } = setUp();
    const policies = [policy({ alerts: [0.5] })];
    await insert('daily:2026-11-23', { alertAt: '50', share: 50, shareAtMs: startMs, settledNano: usd(3) });
    await clock.pass(121_000);
    for (let minute = 0; minute < 2; minute++) await everyMinute(policies);
    expect(posts()).toMatchObject([{ level: 'ok', share: 50, spentUsd: 3 }]);
  });

  test.each([[[0.8, 0.5]], [[0.5, 0.5]], [[0.555]], [[1]], [[0]]])('must not be %j', (alerts) => {
    expect(() => policy({ alerts })).toThrow();
  });
});
