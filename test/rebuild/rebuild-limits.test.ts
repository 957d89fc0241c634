import { expect, test } from 'vitest';
import { createLedger } from '../../shared/ledger/ledger.ts';
import type { LedgerEntry } from '../../shared/ledger/ledger-row.ts';
import type { OwnerRow } from '../../shared/limits/owners/owner-rows.ts';
import { policySchema } from '../../shared/limits/policies/policy.ts';
import { readState } from '../../shared/limits/state/change-state.ts';
import { changeRowOf } from '../../shared/limits/state/limit-changes.ts';
import { type LimitRow, newState } from '../../shared/limits/state/limit-rows.ts';
import { rebuildLimits } from '../../shared/rebuild/rebuild-limits.ts';
import { uuidV7 } from '../../shared/util/ids.ts';
import { usageEvent } from '../support/events.ts';
import { MemoryTables } from '../support/memory-tables.ts';

const nowAtStart = Date.parse('2026-11-23T12:00:00Z');
const policies = [
  policySchema.parse({ name: 'daily', scope: 'global', window: 'day', maxUsd: 5, threshold: 0.8, type: 'block' }),
  policySchema.parse({ name: 'user-daily', scope: 'user', window: 'day', maxUsd: 5, type: 'block' }),
];

function start(declared = policies) {
  const tables = new MemoryTables();
  const limits = tables.open<LimitRow>('limits');
  const ledger = createLedger(tables, ['tier']);
  const it = {
    tables,
    limits,
    nowMs: nowAtStart,
    /** What happens while the rebuild waits. */
    meanwhile: async (): Promise<void> => {},
    async spend(
      costNano: bigint,
      more: { userId?: string; atMs?: number; state?: LedgerEntry['state']; tier?: string } = {},
    ) {
      const atMs = more.atMs ?? it.nowMs;
      const event = {
        ...usageEvent(),
        eventId: uuidV7(atMs),
        occurredAt: new Date(atMs).toISOString(),
        estimatedCost: Number(costNano),
        userId: more.userId ?? 'sam',
        requestProperties: more.tier === undefined ? {} : { tier: more.tier },
      };
      const outgoing = { event, attempt: 0, remaining: 'all' as const };
      const { state = 'ingested' } = more;
      await ledger.record([{ outgoing, tried: false, state, outcome: 'accepted', atMs }]);
    },
    async count(limitId: string, settledNano: bigint) {
      const state = (await readState(limits, limitId)) ?? newState(limitId);
      await limits.upsert({ ...state, settledNano, maxNano: 5_000_000_000n, warnNano: 4_000_000_000n });
    },
    settled: async (limitId: string) => (await readState(limits, limitId))?.settledNano,
    rebuild: () =>
      rebuildLimits({
        limits,
        clock: {
          now: () => it.nowMs,
          sleep: async (ms) => {
            it.nowMs += ms;
            await it.meanwhile();
          },
        },
        random: () => 0,
        ledger,
        holders: tables.open<OwnerRow>('limitholders'),
        properties: ['tier'],
        policies: declared,
        countOnTheWay: async () => 0,
      }),
  };
  return it;
}

const DAILY = 'daily:2026-11-23';

test('limits that got lost count what their calls cost, to the nano-USD', async () => {
  const it = start();
  await it.spend(1_000_000_001n);
  await it.spend(3_000_000_002n, { state: 'waiting' });
  await it.spend(7n, { userId: 'kim' });
  await it.spend(9_000_000_000n, { atMs: nowAtStart - 86_400_000 });
  const { limits, isExact } = await it.rebuild();
  expect(isExact).toBe(true);
  expect(limits.map(({ after }) => after)).toContain(4.00000001);
  const state = await readState(it.limits, DAILY);
  // Pay-i has not taken what waits. The threshold was crossed, and is reported again.
  expect(state).toMatchObject({ settledNano: 4_000_000_010n, reportedNano: 1_000_000_008n, level: 1, announced: 0 });
  expect(state).toMatchObject({ maxNano: 5_000_000_000n, warnNano: 4_000_000_000n, heldNano: 0n });
  expect(limits).toHaveLength(3);
});

test('limits that are whole stay as they are', async () => {
  const it = start();
  await it.spend(1_000n);
  await it.rebuild();
  // What was held by a process that died counts, and the ledger has only the part of its calls.
  await it.count(DAILY, 1_500n);
  expect((await it.rebuild()).limits).toEqual([]);
  expect(await it.settled(DAILY)).toBe(1_500n);
});

test('calls that go on meanwhile count once', async () => {
  const it = start();
  await it.spend(1_000n);
  await it.count(DAILY, 0n);
  let calls = 0;
  it.meanwhile = async () => {
    if (++calls > 4) return;
    await it.spend(10n);
    await it.count(DAILY, ((await it.settled(DAILY)) ?? 0n) + 10n);
  };
  expect(await it.rebuild()).toMatchObject({ isExact: true });
  expect(await it.settled(DAILY)).toBe(1_040n);
});

test('a cost counts once that reaches its limit late, since the table gave no answer at first', async () => {
  const it = start();
  await it.count(DAILY, 1n);
  await it.spend(1n);
  await it.spend(10n);
  // The app writes each second, and waits 5 s for an answer.
  const lateMs = it.nowMs + 7_000;
  let isWritten = false;
  const write = async () => {
    if (isWritten) return;
    isWritten = true;
    await it.count(DAILY, ((await it.settled(DAILY)) ?? 0n) + 10n);
  };
  it.meanwhile = async () => {
    if (it.nowMs >= lateMs) await write();
  };
  await it.rebuild();
  await write();
  expect(await it.settled(DAILY)).toBe(11n);
});

test('with calls that never pause it ends, says so, and counts nothing twice', async () => {
  const it = start();
  await it.spend(1_000n);
  await it.count(DAILY, 0n);
  let truth = 1_000n;
  it.meanwhile = async () => {
    truth += 10n;
    await it.spend(10n);
    await it.count(DAILY, ((await it.settled(DAILY)) ?? 0n) + 10n);
  };
  expect(await it.rebuild()).toMatchObject({ isExact: false });
  const settled = (await it.settled(DAILY)) ?? 0n;
  expect(settled).toBeLessThanOrEqual(truth);
  expect(settled).toBeGreaterThanOrEqual(truth - 10n);
});

test('what an admin corrected or reset is not undone', async () => {
  const it = start();
  await it.spend(1_000n);
  await it.count(DAILY, 400n);
  const state = { ...newState(DAILY), settledNano: 1_000n };
  await it.limits.transact([changeRowOf('corrected', 'kim', state, { ...state, settledNano: 400n }, nowAtStart)]);
  expect(await it.rebuild()).toMatchObject({ isExact: true, left: [DAILY] });
  expect(await it.settled(DAILY)).toBe(400n);
});

test('limits of other units and scopes count what the ledger has of their calls, others are named', async () => {
  const by = (name: string, more: object) => policySchema.parse({ name, window: 'day', type: 'block', ...more });
  const it = start([
    by('tokens', { scope: 'global', unit: 'tokens', max: 1_000_000 }),
    by('output', { scope: 'model', unit: 'output_tokens', max: 1_000_000 }),
    by('tiers', { scope: 'property', property: 'tier', maxUsd: 5 }),
    by('regions', { scope: 'property', property: 'region', maxUsd: 5 }),
    by('calls', { scope: 'global', unit: 'requests', max: 10 }),
  ]);
  await it.spend(1_000_000_000n, { tier: 'gold' });
  await it.spend(500_000_000n);
  const { limits, unknown, isExact } = await it.rebuild();
  expect({ unknown, isExact }).toEqual({ unknown: ['regions', 'calls'], isExact: true });
  expect(Object.fromEntries(limits.map(({ limitId, after }) => [limitId, after]))).toEqual({
    'tokens:2026-11-23.tokens': 400,
    'output:2026-11-23.output_tokens:claude-sonnet-5-5': 160,
    'tiers:2026-11-23:gold': 1,
    'tiers:2026-11-23:(none)': 0.5,
  });
});
