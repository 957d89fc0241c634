import { describe, expect, test } from 'vitest';
import { limitEndMs, parseLimitId } from '../../shared/limits/policies/limit-id.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import type { CallAmounts, LimitUnit } from '../../shared/limits/policies/units.ts';
import { costing } from '../support/amounts.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, policy, searching, stateOf } from './helpers.ts';

const counting = (unit: LimitUnit, max: number, facts: Partial<Policy> = {}): Policy =>
  policy({ name: unit.replace('_', '-'), unit, maxUsd: undefined, max, ...facts });

const used: CallAmounts = {
  nanoUsd: 2_000n,
  inputTokens: 70n,
  outputTokens: 20n,
  requests: 1n,
  images: 2n,
  webSearches: 3n,
};
const bound: CallAmounts = { ...used, nanoUsd: 9_000n, inputTokens: 100n, outputTokens: 50n, webSearches: 5n };
const asked = call(0n, { bound });

describe('a limit counts its unit', () => {
  test.each([
    ['tokens', 150n, 90n],
    ['input_tokens', 100n, 70n],
    ['output_tokens', 50n, 20n],
    ['requests', 1n, 1n],
    ['images', 2n, 2n],
    ['web_searches', 5n, 3n],
  ] as const)('%s: holds %s and settles %s', async (unit, held, settled) => {
    const tables = new MemoryTables();
    const gate = makeGate(tables, { policies: [counting(unit, Number(held))] });
    const limitId = `${unit.replace('_', '-')}:2026-11-23.${unit}`;
    const hold = await gate.hold(asked);
    expect(stateOf(tables, limitId)).toMatchObject({ heldNano: held, settledNano: 0n });
    await expect(gate.hold(asked)).rejects.toMatchObject({
      status: 402,
      details: { limitId, unit, needed: Number(held), resetsAt: '2026-11-24T00:00:00.000Z' },
    });
    await hold.settle(used, 'succeeded');
    await gate.close();
    expect(stateOf(tables, limitId)).toMatchObject({ heldNano: 0n, settledNano: settled });
    expect(hold.limitIds).toEqual([]);
  });

  test('of two limits the one that is full refuses, and nothing stays held on the other', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables, { policies: [policy(), counting('tokens', 100)] });
    await expect(gate.hold(asked)).rejects.toMatchObject({ details: { unit: 'tokens', needed: 150 } });
    await gate.close();
    expect(stateOf(tables)).toMatchObject({ heldNano: 0n, settledNano: 0n });
  });

  test('a call without images passes a limit of images that is full or past its maximum', async () => {
    const tables = new MemoryTables();
    let max = 2;
    let policies = [counting('images', max)];
    const gate = makeGate(tables, { policies: () => policies });
    await (await gate.hold(asked)).settle(used, 'succeeded');
    await expect(gate.hold(asked)).rejects.toMatchObject({ status: 402 });
    max = 1;
    policies = [counting('images', max)];
    await (await gate.hold(call(0n, { bound: { ...bound, images: 0n } }))).settle({ ...used, images: 0n }, 'succeeded');
  });

  test('a model without a price, or with the price 0, counts all the same', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables, { policies: [policy(), counting('requests', 1)] });
    const free = call(0n, { bound: { ...bound, nanoUsd: 0n } });
    await (await gate.hold(free)).settle({ ...used, nanoUsd: 0n }, 'succeeded');
    await expect(gate.hold(free)).rejects.toMatchObject({ details: { unit: 'requests' } });
  });

  test('of an unknown price the held USD count, and the tokens that are known', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables, { policies: [policy(), counting('tokens', 1_000)] });
    await (await gate.hold(asked)).settle({ ...used, nanoUsd: null }, 'succeeded');
    await gate.close();
    expect(stateOf(tables).settledNano).toBe(9_000n);
    expect(stateOf(tables, 'tokens:2026-11-23.tokens').settledNano).toBe(90n);
  });
});

describe('a call with server tools', () => {
  const tools: CallAmounts = { ...costing(0n), requests: 0n, inputTokens: 30_000n };
  const most: CallAmounts = { ...bound, inputTokens: 10_000_000n };
  const search = call(0n, { ...searching(0n, { certain: bound, turn: tools }), bound: most });

  test('holds of tokens what is certain and what such tools have used; the rest is bounded by the request', async () => {
    const tables = new MemoryTables();
    const gate = makeGate(tables, {
      policies: [counting('tokens', 1_000_000), counting('output_tokens', 1_000), counting('requests', 10)],
    });
    const hold = await gate.hold(search);
    const held = (id: string) => stateOf(tables, id).heldNano - stateOf(tables, id).idleNano;
    expect(held('tokens:2026-11-23.tokens')).toBe(150n + 100_000n);
    await hold.cover({ ...tools, inputTokens: 200_000n });
    expect(held('tokens:2026-11-23.tokens')).toBe(150n + 200_000n);
    expect(held('output-tokens:2026-11-23.output_tokens')).toBe(50n);
    expect(held('requests:2026-11-23.requests')).toBe(1n);
    await hold.settle({ ...used, inputTokens: 150_000n }, 'succeeded', { ...tools, inputTokens: 149_000n });
    const next = await gate.hold(search);
    expect(held('tokens:2026-11-23.tokens')).toBe(150n + 298_000n);
    await next.settle(null, 'failed');
  });

  test('holds the whole context window of each turn under a policy that learns nothing', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [counting('tokens', 1_000_000, { bound: 'sound' })] });
    await expect(gate.hold(search)).rejects.toMatchObject({ details: { needed: 10_000_050 } });
  });
});

test('an id says the unit, so that a policy made again with another unit begins new limits', () => {
  const id = 'team:2026-11-23.7d.web_searches:acme';
  expect(parseLimitId(id)).toEqual({ policyName: 'team', period: '2026-11-23.7d', unit: 'web_searches', key: 'acme' });
  expect(limitEndMs(id)).toBe(Date.parse('2026-11-30T00:00:00Z'));
  expect(parseLimitId('team:always.requests')).toMatchObject({ period: 'always', unit: 'requests' });
});

test('what a dead process held of each unit counts as spent of it', async () => {
  const tables = new MemoryTables();
  const clock = new ManualClock();
  const gate = makeGate(tables, { clock, policies: [counting('tokens', 1_000, { type: 'allow' }), policy()] });
  await gate.hold(asked);
  await clock.pass(1_000);
  await gate.tick();
  const calls = tables.rows<{ partitionKey: string; rowKey: string; calls?: string }>('limitholders');
  const journal = calls.find(({ calls: list }) => list !== undefined);
  expect(JSON.parse(journal?.calls ?? '[]')).toMatchObject([
    { held: '9000', counts: { 'tokens:2026-11-23.tokens': '150' } },
  ]);
});
