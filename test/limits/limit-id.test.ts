import { describe, expect, test } from 'vitest';
import { expandPolicies, limitEndMs, parseLimitId } from '../../shared/limits/policies/limit-id.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { noon, policy } from './helpers.ts';

const caller = { useCaseName: 'trail_finder', userId: 'sam@example.com', accountName: 'Acme', occurredAtMs: noon };

describe('a policy expands to', () => {
  const cases: [string, Partial<Policy>, Partial<typeof caller>, (string | RegExp)[]][] = [
    ['a day', {}, {}, ['daily:2026-11-23']],
    ['a month', { name: 'monthly', window: 'month' }, {}, ['monthly:2026-11']],
    ['no window', { name: 'cap', window: 'none' }, {}, ['cap:always']],
    ['a use case', { scope: 'use_case' }, {}, ['daily:2026-11-23:trail_finder']],
    ['an account', { scope: 'account' }, {}, ['daily:2026-11-23:Acme']],
    ['an odd account', { scope: 'account' }, { accountName: 'a/b@c.d' }, [/^daily:2026-11-23:x-[0-9a-f]{20}$/]],
    ['a user, by a pseudonym', { scope: 'user' }, {}, [/^daily:2026-11-23:[0-9a-f]{20}$/]],
    ['nothing for other use cases', { useCases: ['trail_analysis'] }, {}, []],
    ['something for its own', { useCases: ['trail_finder'] }, {}, ['daily:2026-11-23']],
    ['nothing when it is off', { enabled: false }, {}, []],
  ];
  test.each(cases)('%s', (_, facts, more, expected) => {
    const ids = expandPolicies([policy(facts)], { ...caller, ...more }).map(({ limitId }) => limitId);
    expect(ids).toHaveLength(expected.length);
    for (const [place, id] of ids.entries()) expect(id).toMatch(expected[place] ?? '');
  });

  test('nothing where the call has no such key', () => {
    const anonymous = { useCaseName: 'trail_finder', occurredAtMs: noon };
    expect(expandPolicies([policy({ scope: 'user' }), policy({ scope: 'account' })], anonymous)).toEqual([]);
  });
});

test('an id is read back; the ids of others are not', () => {
  expect(parseLimitId('user-daily:2026-11-23:abc')).toEqual({
    policyName: 'user-daily',
    period: '2026-11-23',
    unit: 'usd',
    key: 'abc',
  });
  expect(parseLimitId('cap:always')).toEqual({ policyName: 'cap', period: 'always', unit: 'usd', key: undefined });
  expect(parseLimitId('team:2026-11-23T05.24h:a:b')).toEqual({
    policyName: 'team',
    period: '2026-11-23T05.24h',
    unit: 'usd',
    key: 'a:b',
  });
  expect(parseLimitId('lim_12345')).toBeUndefined();
  expect(parseLimitId('daily:2026-11-23T05')).toBeUndefined();
});

test('an id says when its limit ends', () => {
  expect(limitEndMs('user-daily:2026-11-23:abc')).toBe(Date.parse('2026-11-24T00:00:00Z'));
  expect(limitEndMs('cap:always')).toBeNull();
  expect(limitEndMs('lim_12345')).toBeNull();
});
