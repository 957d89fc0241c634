import { describe, expect, test } from 'vitest';
import { AppliedLimits } from '../../shared/limits/policies/applied-limits.ts';
import { expandPolicies } from '../../shared/limits/policies/limit-id.ts';
import { existsAtPayi, isShared, type Policy, policySchema } from '../../shared/limits/policies/policy.ts';
import { type ScopedCall, userKey } from '../../shared/limits/policies/scope-keys.ts';
import { costing } from '../support/amounts.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, noon, policy, tryCall, usd } from './helpers.ts';

const sam = userKey('sam@example.com');
const caller: ScopedCall = {
  useCaseName: 'trail_finder',
  version: 3,
  userId: 'sam@example.com',
  accountName: 'Acme',
  models: ['claude-opus-5-5'],
  properties: { customer_tier: 'enterprise', odd: 'a/b' },
  occurredAtMs: noon,
};

describe('a policy has a limit', () => {
  const tier = { property: 'customer_tier' };
  const cases: [string, Partial<Policy>, object, (string | RegExp)[]][] = [
    ['for each version', { scope: 'version' }, {}, ['trail_finder:3']],
    ['for no version where the call has none', { scope: 'version' }, { version: undefined }, []],
    ['for each model', { scope: 'model' }, {}, ['claude-opus-5-5']],
    ['for each model that may answer', { scope: 'model' }, { models: ['a', 'other'] }, ['a', 'other']],
    ['for each value of a property', { scope: 'property', ...tier }, {}, ['enterprise']],
    ['for all calls without the property', { scope: 'property', ...tier }, { properties: {} }, ['(none)']],
    ['for an odd value', { scope: 'property', property: 'odd' }, {}, [/^x-[0-9a-f]{20}$/]],
    ['for a user in each use case', { scope: 'user+use_case' }, {}, [`${sam}:trail_finder`]],
    ['for an account in each use case', { scope: 'account+use_case' }, {}, ['Acme:trail_finder']],
    ['for a user on each model', { scope: 'user+model' }, { models: ['a', 'b'] }, [`${sam}:a`, `${sam}:b`]],
    ['for a user by a property', { scope: 'user+property', ...tier }, {}, [`${sam}:enterprise`]],
    ['for no user where there is none', { scope: 'user+use_case' }, { userId: undefined }, []],
    ['for some models', { models: ['claude-opus-5-5'] }, { models: ['a', 'claude-opus-5-5'] }, ['']],
    ['for no other model', { models: ['claude-opus-5-5'] }, { models: ['a'] }, []],
  ];
  test.each(cases)('%s', (_, facts, more, expected) => {
    const wanted = { ...caller, ...more } as ScopedCall;
    const keys = expandPolicies([policy(facts)], wanted).map(({ limitId }) =>
      limitId.replace(/^daily:2026-11-23:?/, ''),
    );
    expect(keys).toHaveLength(expected.length);
    for (const [place, key] of keys.entries()) {
      const one = expected[place] ?? '';
      if (typeof one === 'string') expect(key).toBe(one);
      else expect(key).toMatch(one);
    }
  });

  test('that says whose it is, by the names of the call', () => {
    const whose = (facts: Partial<Policy>, more: Partial<ScopedCall> = {}) =>
      expandPolicies([policy(facts)], { ...caller, ...more }).map((limit) => limit.whose);
    expect(whose({ scope: 'global' })).toEqual([{}]);
    expect(whose({ scope: 'user+model' }, { models: ['a', 'b'] })).toEqual([
      { user: 'sam@example.com', model: 'a' },
      { user: 'sam@example.com', model: 'b' },
    ]);
    expect(whose({ scope: 'version' })).toEqual([{ version: 'trail_finder:3' }]);
    expect(whose({ scope: 'property', property: 'odd' })).toEqual([{ property: 'a/b' }]);
    expect(whose({ scope: 'account+use_case' }, { accountName: 'Ümit & Co' })).toEqual([
      { account: 'Ümit & Co', use_case: 'trail_finder' },
    ]);
  });

  test('the limits of calls that differ in a property, a model or a version are kept apart', () => {
    const policies = ['property', 'model', 'version'].map((scope) =>
      policySchema.parse({ ...policy(), name: scope, scope, ...(scope === 'property' && tier) }),
    );
    const applied = new AppliedLimits(() => policies);
    const of = (more: Partial<ScopedCall>) =>
      applied.of({ ...caller, ...more }).map(({ limitId }) => limitId.split(':').at(-1));
    expect(of({})).toEqual(['claude-opus-5-5', 'enterprise', '3']);
    expect(of({ properties: { customer_tier: 'free' } })).toEqual(['claude-opus-5-5', 'free', '3']);
    expect(of({ models: ['other'] })).toEqual(['other', 'enterprise', '3']);
    expect(of({ version: 4 })).toEqual(['claude-opus-5-5', 'enterprise', '4']);
    expect(of({})).toEqual(['claude-opus-5-5', 'enterprise', '3']);
  });
});

test.each([
  [{ scope: 'property' }, 'property', /must name the property/],
  [{ scope: 'user', property: 'tier' }, 'property', /left out for the scope user/],
])('%j is refused', (facts, path, text) => {
  const { error } = policySchema.safeParse({ ...policy(), ...facts });
  expect(error?.issues.map((issue) => [issue.path.join('.'), issue.message])).toEqual([
    [path, expect.stringMatching(text)],
  ]);
});

test('limits of users and of values of a property are not at Pay-i by default; those of a user are the user’s own', () => {
  const of = (scope: Policy['scope']) => {
    const one = policy({ scope, ...(scope.includes('property') && { property: 'tier' }) });
    return [existsAtPayi(one), isShared(one)];
  };
  expect(of('model')).toEqual([true, true]);
  expect(of('property')).toEqual([false, true]);
  expect(of('user+model')).toEqual([false, false]);
  expect(of('account+use_case')).toEqual([true, true]);
});

test('a user within a use case has the whole maximum in another one', async () => {
  const gate = makeGate(new MemoryTables(), { policies: [policy({ scope: 'user+use_case', maxUsd: 1 })] });
  const at = (useCaseName: string, userId = 'sam') => tryCall(gate, usd(0.6), usd(0.6), { useCaseName, userId });
  expect([await at('finder'), await at('finder'), await at('planner'), await at('finder', 'kim')]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

test('a call that several models may answer needs room for each of them', async () => {
  const gate = makeGate(new MemoryTables(), { policies: [policy({ scope: 'model', maxUsd: 1 })] });
  const hold = await gate.hold(call(usd(0.6), { models: ['a', 'b'] }));
  await expect(gate.hold(call(usd(0.6), { models: ['b'] }))).rejects.toMatchObject({ code: 'limit_reached' });
  await hold.settle(costing(usd(0.1)), 'succeeded');
  expect(await tryCall(gate, usd(0.6), 0n, { models: ['b'] })).toBe(true);
});
