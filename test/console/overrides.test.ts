import { describe, expect, test } from 'vitest';
import { instantOf, localInput } from '../../functions/console/format/times.ts';
import { holderNameOf, holderOf } from '../../functions/console/views/limits/overrides/override.ts';
import {
  bodyOf,
  bodyOfOverride,
  holderWords,
  overrideDifferences,
  usualMaximum,
} from '../../functions/console/views/limits/overrides/override-form.ts';
import { emptyPolicy } from '../../functions/console/views/limits/policies/policy-form.ts';

const policy = { ...emptyPolicy, name: 'each', scope: 'account' as const, maxUsd: 5, maxima: { acme: 50 } };
const until = '2099-01-05T08:30:00.000Z';

const formOf = (values: Record<string, string>): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  return form;
};

describe('for whom a policy can have another maximum', () => {
  test.each([
    ['global', undefined],
    ['user', 'user'],
    ['user+use_case', 'user'],
    ['account+use_case', 'account'],
    ['version', 'use_case'],
    ['property', 'property'],
  ] as const)('%s: %s', (scope, holder) => expect(holderOf({ scope })).toBe(holder));

  test('who has a limit, as the routes name them', () => {
    expect(holderNameOf({ scope: 'user+use_case', whose: { user: 'lee', use_case: 'trail_finder' } })).toBe('lee');
    expect(holderNameOf({ scope: 'version', whose: { version: 'trail_finder:2' } })).toBe('trail_finder');
    expect(holderNameOf({ scope: 'property', whose: { property: 'gold' } })).toBe('gold');
    expect(holderNameOf({ scope: 'global', whose: null })).toBeUndefined();
    expect(holderNameOf({ scope: 'user', whose: null })).toBeUndefined();
  });

  test('in words', () => {
    expect(holderWords('key', undefined)).toBe('Access key');
    expect(holderWords('property', 'customer_tier')).toBe('Value of customer_tier');
  });
});

describe('the form of an override', () => {
  test('has the maximum in the unit of its policy, and an end where one is filled in', () => {
    expect(bodyOf(formOf({ maximum: '7.5', until: '' }), policy)).toEqual({ maxUsd: 7.5 });
    expect(bodyOf(formOf({ maximum: '9', until: localInput(until) }), { unit: 'tokens' })).toEqual({ max: 9, until });
  });

  test('a time goes into an input and comes back', () => {
    expect(instantOf(localInput(until))).toBe(until);
    expect([localInput(undefined), instantOf('')]).toEqual(['', undefined]);
  });

  test('what is set again to take a change back: nothing for none and for one that has ended', () => {
    const override = { name: 'acme', maxUsd: 7, until, hasEnded: false, etag: 'tag' };
    expect(bodyOfOverride(override)).toEqual({ maxUsd: 7, until });
    expect(bodyOfOverride({ ...override, hasEnded: true })).toBeUndefined();
    expect(bodyOfOverride(undefined)).toBeUndefined();
  });

  test('the maximum without one is that of the policy, or of its other maxima', () => {
    expect([usualMaximum(policy, 'acme'), usualMaximum(policy, 'other')]).toEqual([50, 5]);
    expect(usualMaximum(policy, 'constructor')).toBe(5);
  });

  test('what it changes', () => {
    expect(overrideDifferences(policy, 'acme', undefined, { maxUsd: 60 })).toEqual([
      { name: 'maximum', before: '$50.00', after: '$60.00' },
      { name: 'until', before: '–', after: 'it is removed' },
    ]);
    expect(overrideDifferences(policy, 'b', { maxUsd: 60 }, undefined)).toEqual([
      { name: 'maximum', before: '$60.00', after: '$5.00' },
      { name: 'until', before: 'it is removed', after: '–' },
    ]);
    expect(overrideDifferences(policy, 'b', { maxUsd: 6 }, { maxUsd: 6 })).toEqual([]);
    expect(overrideDifferences(policy, 'b', { maxUsd: 6 }, { maxUsd: 6, until })).toMatchObject([{ name: 'until' }]);
  });
});
