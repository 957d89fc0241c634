import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PayiStandin, startPayi } from '../../infra/local/payi/src/server.ts';
import { PayiMirror } from '../../shared/limits/payi/payi-mirror.ts';
import { type RefreshOptions, refreshAll } from '../../shared/limits/payi/refresh-all.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { type LimitRow, newState } from '../../shared/limits/state/limit-rows.ts';
import { createPayiClient, type PayiClient } from '../../shared/payi/client.ts';
import { LeapingClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { policy, recorder, stateOf, usd } from './helpers.ts';

let server: PayiStandin;
let payi: PayiClient;
let requests: string[] = [];
beforeAll(async () => {
  server = await startPayi();
  const counted: typeof fetch = (url, init) => {
    requests.push(`${init?.method} ${new URL(String(url)).pathname.replace(/^\/api\/v1/, '')}`);
    return fetch(url, init);
  };
  payi = createPayiClient({ baseUrl: server.url, apiKey: 'key', timeoutMs: 60_000, fetch: counted });
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  requests = [];
});

function setUp(policies: Policy[]) {
  const tables = new MemoryTables();
  const clock = new LeapingClock();
  const telemetry = recorder();
  const means = { limits: tables.open<LimitRow>('limits'), clock, random: () => 0.5 };
  const mirror = new PayiMirror({ ...means, payi: payi.limits, telemetry, crossed: () => undefined });
  const run = (more: Partial<RefreshOptions> = {}) =>
    refreshAll({
      ...means,
      telemetry,
      mirror,
      crossings: { catchUp: async () => undefined },
      outbox: { deliverDue: async () => 0 },
      policies: { current: () => policies },
      ...more,
    });
  return { tables, clock, telemetry, means, mirror, run };
}

const accounts = (count: number) => Array.from({ length: count }, (_, at) => `daily:2026-11-23:account-${at}`);

async function make(limitIds: string[], { limits }: ReturnType<typeof setUp>['means']): Promise<void> {
  for (const limit_id of limitIds) {
    await payi.limits.create({ limit_id, limit_name: limit_id, max: 5 });
    await limits.insert({ ...newState(limit_id), maxNano: usd(5), warnNano: usd(5) });
  }
  requests = [];
}

test('limits are read in pages, whose number and not the limits’ own decides over the requests', async () => {
  const { run, means, tables } = setUp([policy({ scope: 'account' })]);
  const limitIds = accounts(250);
  await make(limitIds, means);
  expect(await run()).toBeUndefined();
  expect(requests).toEqual(['GET /limits']);
  for (const limitId of limitIds) expect(stateOf(tables, limitId).payiAtMs).toBeGreaterThan(0);
});

test('limits that do not exist at Pay-i are not asked for', async () => {
  const { run, means } = setUp([policy({ scope: 'user' })]);
  await make(accounts(10), means);
  await run();
  expect(requests).toEqual([]);
});

test('a figure that stays the same is not written again', async () => {
  const { run, means, tables, clock } = setUp([policy({ scope: 'account' })]);
  await make(accounts(5), means);
  await run();
  const writes = () => tables.operations.get('transact') ?? 0;
  const before = writes();
  await clock.pass(60_000);
  await run();
  expect(writes()).toBe(before);
});

test('what the time does not suffice for is refreshed by the next run, which goes on where this one ended', async () => {
  const { run, means, tables, clock, telemetry } = setUp([policy({ scope: 'account' })]);
  const limitIds = accounts(120);
  await make(limitIds, means);
  const slow = new PayiMirror({
    ...means,
    telemetry,
    crossed: () => undefined,
    payi: {
      get: payi.limits.get,
      page: async ({ cursor }) => {
        await clock.pass(50_000);
        return payi.limits.page({ cursor, size: 100 });
      },
    },
  });
  const cursor = await run({ mirror: slow });
  expect(cursor).toEqual(expect.any(String));
  const fresh = () => limitIds.filter((limitId) => stateOf(tables, limitId).payiAtMs > 0).length;
  expect(fresh()).toBe(100);
  expect(await run({ mirror: slow, cursor })).toBeUndefined();
  expect(fresh()).toBe(120);
});

test('two runs at once count nothing twice', async () => {
  const { run, means, tables, mirror } = setUp([policy({ scope: 'account' })]);
  const [limitId = ''] = accounts(2);
  await make(accounts(2), means);
  mirror.refreshLimits(new Map([[limitId, usd(1)]]));
  await Promise.all([run(), run()]);
  expect(stateOf(tables, limitId).reportedNano).toBe(usd(1));
});
