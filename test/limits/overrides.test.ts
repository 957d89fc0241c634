import { describe, expect, test } from 'vitest';
import { AppliedLimits } from '../../shared/limits/policies/applied-limits.ts';
import type { PolicyRow } from '../../shared/limits/policies/changes/policy-rows.ts';
import { expandPolicies } from '../../shared/limits/policies/limit-id.ts';
import { type Override, overrideId } from '../../shared/limits/policies/overrides/override.ts';
import { maximumOf, type Policy } from '../../shared/limits/policies/policy.ts';
import { PolicyBook } from '../../shared/limits/policies/policy-book.ts';
import { firstKeyOf } from '../../shared/limits/policies/scope-keys.ts';
import { costing } from '../support/amounts.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, noon, policy, tryCall, usd } from './helpers.ts';

const HOUR_MS = 3_600_000;
const each = policy({ name: 'each', scope: 'user', maxUsd: 1 });

const overrideFor = (rule: Policy, name: string, facts: Partial<Override>): Override => ({
  policy: rule.name,
  name,
  key: firstKeyOf(rule.scope, name),
  ...facts,
});
const allOf = (...overrides: Override[]) => new Map(overrides.map((one) => [overrideId(one), one]));

/** A gate whose overrides can be changed while its calls are in flight. */
function setUp(rule = each) {
  const tables = new MemoryTables();
  const clock = new ManualClock();
  let current = allOf();
  const gate = makeGate(tables, { clock, policies: [rule], overrides: () => current });
  const facts = (userId: string) => ({ userId, occurredAtMs: clock.now() });
  return {
    clock,
    override: (...overrides: Override[]) => {
      current = allOf(...overrides);
    },
    hold: (userId: string, bound: number) => gate.hold(call(usd(bound), facts(userId))),
    passes: (userId: string, bound: number) => tryCall(gate, usd(bound), usd(bound), facts(userId)),
  };
}

describe('an override, with a hold out', () => {
  test('that raises one user gives that user room at once, and nobody else', async () => {
    const { override, hold, passes } = setUp();
    const held = await hold('kim', 0.9);
    expect([await passes('kim', 0.5), await passes('sam', 1)]).toEqual([false, true]);
    override(overrideFor(each, 'kim', { maxUsd: 2 }));
    expect([await passes('kim', 0.5), await passes('sam', 0.5)]).toEqual([true, false]);
    await held.settle(costing(usd(0.9)), 'succeeded');
    expect([await passes('kim', 0.7), await passes('kim', 0.6)]).toEqual([false, true]);
  });

  test('that lowers one user holds back new calls until there is room', async () => {
    const { override, hold, passes } = setUp();
    const held = await hold('kim', 0.9);
    override(overrideFor(each, 'kim', { maxUsd: 0.5 }));
    expect([await passes('kim', 0.01), await passes('sam', 1)]).toEqual([false, true]);
    await held.settle(costing(usd(0.2)), 'succeeded');
    expect([await passes('kim', 0.31), await passes('kim', 0.3)]).toEqual([false, true]);
  });

  test('ends at its time: what is held stays, new calls go by the policy again', async () => {
    const { clock, override, hold, passes } = setUp();
    override(overrideFor(each, 'kim', { maxUsd: 3, until: new Date(noon + HOUR_MS).toISOString() }));
    const held = await hold('kim', 0.9);
    expect(await passes('kim', 1)).toBe(true);
    await clock.pass(HOUR_MS - 1_000);
    expect(await passes('kim', 0.1)).toBe(true);
    await clock.pass(1_000);
    expect(await passes('kim', 0.01)).toBe(false);
    await held.settle(costing(usd(0.1)), 'succeeded');
    expect(await passes('kim', 0.01)).toBe(false);
    // The next day.
    await clock.pass(12 * HOUR_MS);
    expect([await passes('kim', 1), await passes('kim', 0.1)]).toEqual([true, false]);
  });

  test('that is deleted leaves the maximum of the policy', async () => {
    const { override, passes } = setUp();
    override(overrideFor(each, 'kim', { maxUsd: 2 }));
    expect(await passes('kim', 1.5)).toBe(true);
    override();
    expect(await passes('kim', 0.01)).toBe(false);
  });
});

test('a refusal says the maximum of the override', async () => {
  const { override, hold } = setUp();
  override(overrideFor(each, 'kim', { maxUsd: 2 }));
  await expect(hold('kim', 2.5)).rejects.toMatchObject({ details: { maxUsd: 2, leftUsd: 2 } });
});

describe('an override is for', () => {
  const maxima = (rule: Policy, override: Override) =>
    expandPolicies(
      [rule],
      {
        useCaseName: 'trail_finder',
        userId: 'kim',
        accountName: 'Acme Ltd',
        models: ['claude-opus-4-5', 'claude-haiku-4-5'],
        occurredAtMs: noon,
        properties: { customer_tier: 'enterprise' },
      },
      allOf(override),
    ).map(({ policy: effective }) => maximumOf(effective));

  test.each<[string, Partial<Policy>, string, number[]]>([
    ['an account whose name has a space', { scope: 'account' }, 'Acme Ltd', [7]],
    ['a user within each use case', { scope: 'user+use_case' }, 'kim', [7]],
    ['a user within each model', { scope: 'user+model' }, 'kim', [7, 7]],
    ['one of two models', { scope: 'model' }, 'claude-opus-4-5', [1, 7]],
    ['all versions of a use case', { scope: 'use_case' }, 'trail_finder', [7]],
    ['a value of a property', { scope: 'property', property: 'customer_tier' }, 'enterprise', [7]],
    ['nobody else', { scope: 'user' }, 'sam', [1]],
  ])('%s', (_what, facts, name, expected) => {
    const rule = policy({ name: 'rule', maxUsd: 1, ...facts });
    expect(maxima(rule, overrideFor(rule, name, { maxUsd: 7 }))).toEqual(expected.map(usd));
  });

  test('calls without the property, under (none)', () => {
    const rule = policy({ name: 'rule', scope: 'property', property: 'plan', maxUsd: 1 });
    expect(maxima(rule, overrideFor(rule, '(none)', { maxUsd: 7 }))).toEqual([usd(7)]);
  });

  test('the unit that it was set in: a policy made again with another one has its own maximum', () => {
    const rule = policy({ name: 'rule', scope: 'user', unit: 'requests', maxUsd: undefined, max: 3 });
    expect(maxima(rule, overrideFor(rule, 'kim', { maxUsd: 7 }))).toEqual([3n]);
    expect(maxima(rule, overrideFor(rule, 'kim', { max: 7 }))).toEqual([7n]);
  });
});

test('limits are worked out again when an override ends, and not before', () => {
  const overrides = allOf(overrideFor(each, 'kim', { maxUsd: 2, until: '2026-11-23T13:00:00Z' }));
  const policies = [each];
  const applied = new AppliedLimits(
    () => policies,
    () => overrides,
  );
  const at = (ms: number) => applied.of({ useCaseName: 'trail_finder', userId: 'kim', occurredAtMs: ms });
  const first = at(noon);
  expect(at(noon + HOUR_MS - 1)).toBe(first);
  expect(at(noon + HOUR_MS)[0]?.policy).toBe(each);
  // A call that began before the end goes by the override.
  expect(maximumOf(at(noon + HOUR_MS - 1)[0]?.policy ?? each)).toBe(usd(2));
});

describe('maxima of a policy', () => {
  const tiers = policy({
    name: 'tiers',
    scope: 'property',
    property: 'tier',
    maxUsd: 5,
    maxima: { enterprise: 50, '(none)': 1, 'pay as you go': 2 },
  });
  const maximumFor = (rule: Policy, facts: object, overrides = allOf()) =>
    expandPolicies([rule], { useCaseName: 'trail_finder', occurredAtMs: noon, ...facts }, overrides).map((limit) =>
      maximumOf(limit.policy),
    );

  test.each<[string | undefined, number]>([
    ['enterprise', 50],
    ['basic', 5],
    ['pay as you go', 2],
    [undefined, 1],
    ['constructor', 5],
  ])('a call with the tier %s has %s USD', (tier, expected) => {
    expect(maximumFor(tiers, { properties: tier === undefined ? {} : { tier } })).toEqual([usd(expected)]);
  });

  test('hold calls to them', async () => {
    const gate = makeGate(new MemoryTables(), { policies: [tiers] });
    const passes = (tier: string, bound: number) => tryCall(gate, usd(bound), usd(bound), { properties: { tier } });
    expect([await passes('enterprise', 50), await passes('enterprise', 0.1)]).toEqual([true, false]);
    expect([await passes('basic', 5.1), await passes('basic', 5)]).toEqual([false, true]);
  });

  test('are of the first part of a combination, and an override goes before them', () => {
    const rule = policy({ name: 'rule', scope: 'account+use_case', maxUsd: 1, maxima: { Acme: 4 } });
    const facts = { accountName: 'Acme' };
    expect(maximumFor(rule, facts)).toEqual([usd(4)]);
    expect(maximumFor(rule, facts, allOf(overrideFor(rule, 'Acme', { maxUsd: 0.5 })))).toEqual([usd(0.5)]);
  });

  test.each<[string, Partial<Policy>]>([
    ['a policy with one limit for all', { scope: 'global', maxima: { a: 1 } }],
    ['users', { scope: 'user', maxima: { kim: 1 } }],
    ['users within use cases', { scope: 'user+use_case', maxima: { kim: 1 } }],
    ['part of a request', { scope: 'account', unit: 'requests', maxUsd: undefined, max: 3, maxima: { Acme: 1.5 } }],
    ['more USD than any maximum', { scope: 'account', maxima: { Acme: 1_000_001 } }],
    ['nothing', { scope: 'account', maxima: { Acme: 0 } }],
  ])('are refused for %s', (_what, facts) => {
    expect(() => policy(facts)).toThrow(/maxima/);
  });
});

describe('the policy book', () => {
  const twoBooks = () => {
    const tables = new MemoryTables();
    const clock = new ManualClock();
    const book = () => new PolicyBook(tables.open<PolicyRow>('limitpolicies'), [each], clock);
    return { clock, tables, here: book(), there: book() };
  };
  const limitId = `each:2026-11-23:${firstKeyOf('user', 'kim')}`;

  test('shows another process an override after its reload, as a changed object', async () => {
    const { here, there } = twoBooks();
    await there.reload();
    const before = there.overrides();
    await here.changeOverride(overrideFor(each, 'kim', {}), () => overrideFor(each, 'kim', { maxUsd: 2 }));
    await there.reload();
    expect(there.overrides()).not.toBe(before);
    expect(there.forLimit(each, limitId).maxUsd).toBe(2);
    const same = there.overrides();
    await there.reload();
    expect(there.overrides()).toBe(same);
    await here.changeOverride(overrideFor(each, 'kim', {}), () => undefined);
    await there.reload();
    expect(there.forLimit(each, limitId)).toBe(each);
  });

  test('keeps policies and their history apart from overrides', async () => {
    const { here } = twoBooks();
    await here.changeOverride(overrideFor(each, 'kim', {}), () => overrideFor(each, 'kim', { maxUsd: 2 }));
    await here.changeAll('ops', () => [policy({ ...each, maxUsd: 3 })]);
    expect(here.current().map(({ maxUsd }) => maxUsd)).toEqual([3]);
    expect(here.forLimit(here.find('each') ?? each, limitId).maxUsd).toBe(2);
    expect((await here.changes()).map(({ name }) => name)).toEqual(['each']);
  });

  test('makes both of two changes at once, and deletes what has ended with the next one', async () => {
    const { clock, here, there, tables } = twoBooks();
    const raise = (book: PolicyBook, name: string, until?: string) =>
      book.changeOverride(overrideFor(each, name, {}), (before) =>
        overrideFor(each, name, { maxUsd: (before?.maxUsd ?? 0) + 1, ...(until && { until }) }),
      );
    await Promise.all([raise(here, 'kim'), raise(there, 'kim')]);
    await raise(here, 'sam', '2026-11-23T13:00:00Z');
    expect(here.forLimit(each, limitId).maxUsd).toBe(2);
    expect(tables.rows('limitpolicies')).toHaveLength(2);
    await clock.pass(HOUR_MS);
    await raise(here, 'lee');
    expect([...here.overrides().values()].map(({ name }) => name).sort()).toEqual(['kim', 'lee']);
  });

  test('takes 500 that have not ended', async () => {
    const { here, tables } = twoBooks();
    const table = tables.open<PolicyRow>('limitpolicies');
    for (let nth = 0; nth < 500; nth++) {
      const one = overrideFor(each, `user-${nth}`, { maxUsd: 2 });
      await table.insert({
        partitionKey: 'policies',
        rowKey: `override!${overrideId(one)}`,
        policy: JSON.stringify(one),
      });
    }
    const add = (name: string) =>
      here.changeOverride(overrideFor(each, name, {}), () => overrideFor(each, name, { maxUsd: 3 }));
    await expect(add('kim')).rejects.toMatchObject({ code: 'too_many_overrides', status: 400 });
    await add('user-7');
    expect(here.overrides().size).toBe(500);
  });

  test('does not take a row that it can not read for none', async () => {
    const { here, tables } = twoBooks();
    const table = tables.open<PolicyRow>('limitpolicies');
    await table.insert({ partitionKey: 'policies', rowKey: 'override!each!x', policy: '{"maxUsd":"all"}' });
    await expect(here.reload()).rejects.toThrow();
    expect(here.isRead).toBe(false);
  });
});
