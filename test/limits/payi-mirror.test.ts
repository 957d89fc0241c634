import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PayiStandin, startPayi } from '../../infra/local/payi/src/server.ts';
import { resetLimit } from '../../shared/limits/admin/reset-limit.ts';
import { LimitCreator } from '../../shared/limits/payi/limit-creator.ts';
import { PayiMirror } from '../../shared/limits/payi/payi-mirror.ts';
import type { PolicyRow } from '../../shared/limits/policies/changes/policy-rows.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { PolicyBook } from '../../shared/limits/policies/policy-book.ts';
import { readState } from '../../shared/limits/state/change-state.ts';
import { changesOf } from '../../shared/limits/state/limit-changes.ts';
import { type LimitRow, newState } from '../../shared/limits/state/limit-rows.ts';
import { createPayiClient, type PayiClient } from '../../shared/payi/client.ts';
import { LeapingClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { policy, quiet, recorder, stateOf, usd } from './helpers.ts';

let server: PayiStandin;
let payi: PayiClient;
beforeAll(async () => {
  server = await startPayi();
  payi = createPayiClient({ baseUrl: server.url, apiKey: 'key', timeoutMs: 60_000 });
});
afterAll(() => server.close());
beforeEach(() => server.reset());

function setUp(policies: Policy[] = [policy({ threshold: 0.8 })]) {
  const tables = new MemoryTables();
  const clock = new LeapingClock();
  const limits = tables.open<LimitRow>('limits');
  const book = new PolicyBook(tables.open<PolicyRow>('limitpolicies'), policies, clock);
  const means = { limits, clock, random: () => 0.5 };
  const mirror = new PayiMirror({
    ...means,
    payi: payi.limits,
    telemetry: quiet,
    crossed: () => undefined,
  });
  const atPayi = new LimitCreator({ limits, payi: payi.limits, policies: book, telemetry: quiet });
  return { tables, clock, limits, means, book, mirror, atPayi };
}

const DAY = 'daily:2026-11-23';

describe('limits at Pay-i', () => {
  test('are made once, as allow, whatever they are here; ids of others are left alone', async () => {
    const { atPayi } = setUp();
    await atPayi.ensure([DAY, DAY, 'lim_of_others']);
    await atPayi.ensure([DAY]);
    const made = [];
    for await (const limit of payi.limits.list()) made.push(limit);
    expect(made).toMatchObject([{ limit_id: DAY, limit_type: 'allow', max: 5, threshold: 0.8 }]);
  });

  test('get the new maximum when a policy changes', async () => {
    const { atPayi, book } = setUp();
    await atPayi.ensure([DAY]);
    await book.change('daily', 'ops', () => policy({ threshold: 0.8, maxUsd: 9 }));
    await atPayi.ensure([DAY]);
    expect((await payi.limits.get(DAY))?.max).toBe(9);
  });
});

describe('a refresh', () => {
  test('counts what Pay-i saw and what it can’t have seen, and never less than we settled', async () => {
    const { tables, mirror, atPayi, limits } = setUp();
    await atPayi.ensure([DAY]);
    await limits.insert({ ...newState(DAY), settledNano: usd(2), maxNano: usd(5), warnNano: usd(4) });
    mirror.refreshLimits(new Map([[DAY, usd(1)]]));
    mirror.refreshLimits(new Map([[DAY, usd(0.5)]]));
    await mirror.flush();
    expect(stateOf(tables)).toMatchObject({
      reportedNano: usd(1.5),
      payiReportedNano: usd(1.5),
      payiNano: 0n,
      settledNano: usd(2),
    });
    expect(stateOf(tables).payiAtMs).toBeGreaterThan(0);
  });

  test('measures how old the figure was and how far it is from ours', async () => {
    const { means, atPayi } = setUp();
    const telemetry = recorder();
    const mirror = new PayiMirror({ ...means, payi: payi.limits, telemetry, crossed: () => undefined });
    await atPayi.ensure([DAY]);
    const refresh = async () => mirror.refresh(new Map([[DAY, await readState(means.limits, DAY)]]));
    await refresh();
    expect(telemetry.lines).toEqual(['limit-drift-usd']);
    await refresh();
    expect(telemetry.lines).toEqual(['limit-drift-usd', 'limit-drift-usd', 'limit-staleness-s']);
    server.faults.add({ status: 503, times: 1 });
    expect(await refresh()).toEqual({ left: 1, cursor: undefined });
    expect(telemetry.lines.slice(3)).toEqual(['limits-not-refreshed']);
  });

  test('leaves limits of others alone', async () => {
    const { tables, mirror } = setUp();
    mirror.refreshLimits(new Map([['lim_of_others', usd(1)]]));
    await mirror.flush();
    expect(tables.rows('limits')).toEqual([]);
    expect(tables.requests).toBe(0);
  });

  test('keeps the count of what was ingested when Pay-i gives no answer', async () => {
    const { tables, mirror } = setUp();
    mirror.refreshLimits(new Map([[DAY, usd(1)]]));
    await mirror.flush();
    expect(stateOf(tables)).toMatchObject({ reportedNano: usd(1), payiReportedNano: 0n, payiAtMs: 0 });
  });
});

describe('a reset', () => {
  const cap = 'cap:always';
  const used = { ...newState(cap), settledNano: usd(3), heldNano: usd(1), maxNano: usd(5), level: 2 };

  test('sets what is spent to 0 and leaves what is held; the same again does nothing', async () => {
    const { tables, limits, means, atPayi } = setUp([policy({ name: 'cap', window: 'none' })]);
    await atPayi.ensure([cap]);
    await limits.insert(used);
    const parts = { ...means, payi: payi.limits };
    await resetLimit(parts, cap, 'ops', 'once');
    expect(stateOf(tables, cap)).toMatchObject({ settledNano: 0n, heldNano: usd(1), level: 0, epoch: 1 });
    await limits.merge({ partitionKey: cap, rowKey: 'state', settledNano: usd(2) });
    await resetLimit(parts, cap, 'ops', 'once');
    expect(stateOf(tables, cap)).toMatchObject({ settledNano: usd(2), epoch: 1 });
    await resetLimit(parts, cap, 'ops', 'again');
    expect(stateOf(tables, cap)).toMatchObject({ settledNano: 0n, epoch: 2 });
  });

  test.each([
    ['Pay-i has done it and gave no answer', { payi: 'after' }],
    ['Pay-i has not done it', { payi: 'before' }],
    ['Pay-i has done it and the row is not written', { table: 'before' }],
    ['the row is written and nobody was told', { table: 'after' }],
  ] as const)('that ended when %s is safe to repeat', async (_, end: { payi?: string; table?: string }) => {
    const { tables, limits, means, atPayi } = setUp([policy({ name: 'cap', window: 'none' })]);
    await atPayi.ensure([cap]);
    await payi.ingest.single({
      category: 'system.anthropic',
      resource: 'claude-sonnet-5-5',
      units: { text: { input: 1_000_000 } },
      limit_ids: [cap],
    });
    expect((await payi.limits.get(cap))?.totals?.cost?.total?.base).toBeGreaterThan(0);
    await limits.insert(used);
    let dies = true;
    const die =
      <T>(place: string | undefined, work: () => Promise<T>) =>
      async (): Promise<T> => {
        if (dies && place === 'before') throw new Error('died');
        const result = await work();
        if (dies && place === 'after') throw new Error('died');
        return result;
      };
    const dying = {
      ...means,
      limits: {
        ...limits,
        transact: (changes: Parameters<typeof limits.transact>[0]) => die(end.table, () => limits.transact(changes))(),
      },
      payi: { ...payi.limits, reset: (id: string) => die(end.payi, () => payi.limits.reset(id))() },
    };
    await expect(resetLimit(dying, cap, 'ops', 'once')).rejects.toThrow('died');
    // Until it is repeated the limit may count too much, never too little.
    if (end.table !== 'after') expect(stateOf(tables, cap)).toMatchObject({ settledNano: usd(3), epoch: 0 });
    dies = false;
    await resetLimit(dying, cap, 'ops', 'once');
    expect(stateOf(tables, cap)).toMatchObject({ settledNano: 0n, heldNano: usd(1), epoch: 1 });
    expect((await payi.limits.get(cap))?.totals?.cost?.total?.base).toBe(0);
    expect(await changesOf(limits, cap)).toMatchObject([
      { what: 'reset', changedBy: 'ops', from: { spentUsd: 3 }, to: { spentUsd: 0 } },
    ]);
  });

  test('is for limits without a window', async () => {
    const { limits, means } = setUp();
    await limits.insert(newState(DAY));
    const parts = { ...means, payi: payi.limits };
    await expect(resetLimit(parts, DAY, 'ops')).rejects.toMatchObject({ code: 'limit_has_window', status: 409 });
  });
});
