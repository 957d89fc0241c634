import { describe, expect, test } from 'vitest';
import { gaugeParts } from '../../functions/console/views/limits/gauge-parts.ts';
import { amountText, type Limit } from '../../functions/console/views/limits/limit-figures.ts';
import { titleOf } from '../../functions/console/views/limits/limit-title.ts';
import type { Policy } from '../../functions/console/views/limits/load.ts';
import { targetsText } from '../../functions/console/views/limits/policies/alerts-field.tsx';
import { differencesOf } from '../../functions/console/views/limits/policies/difference.ts';
import {
  alertsText,
  emptyPolicy,
  maximaText,
  policyOf,
  updateOf,
  usedInputs,
} from '../../functions/console/views/limits/policies/policy-form.ts';
import { scopeText, windowText } from '../../functions/console/views/limits/policies/policy-words.ts';
import { refusingLimits } from '../../functions/console/views/limits/refusing-limits.ts';

const figures = { max: 10, spent: 4, held: 3, setAside: 2, threshold: 8 };

test.each([
  ['with room', figures, [0.4, 0.3, 0.2, 0.8]],
  ['beyond the maximum', { ...figures, spent: 25 }, [1, 0, 0, 0.8]],
  ['held up to the maximum', { ...figures, held: 9 }, [0.4, 0.6, 0, 0.8]],
  ['without a threshold', { ...figures, threshold: null }, [0.4, 0.3, 0.2, null]],
  ['of nothing', { ...figures, max: 0, threshold: null }, [1, 0, 0, null]],
])('a gauge %s', (_name, limit, [spent, held, setAside, threshold]) => {
  const parts = gaugeParts(limit);
  for (const [found, wanted] of [[parts.spent, spent], [parts.held, held], [parts.setAside, setAside]] as const) // biome-ignore format: a table
    expect(found).toBeCloseTo(wanted ?? 0, 10);
  expect(parts.threshold).toBe(threshold);
});

test.each([
  ['usd', 1, '$1.00'],
  ['tokens', 1_200, '1,200 tokens'],
  ['web_searches', 1, '1 web search'],
  ['input_tokens', 1, '1 input token'],
  ['images', 0, '0 images'],
] as const)('an amount in %s: %d is %s', (unit, value, text) => expect(amountText(unit, value)).toBe(text));

test('what a limit is called', () => {
  const limit = { policy: 'daily', scope: 'user' as const, limitId: 'daily:2026-11-28:1508' };
  expect(titleOf({ ...limit, whose: { user: 'lee', use_case: 'trail_finder' } })).toBe('lee · trail_finder · daily');
  expect(titleOf({ ...limit, whose: null })).toBe('daily:2026-11-28:1508');
  expect(titleOf({ ...limit, scope: 'global', whose: null })).toBe('daily');
});

test('who was refused by which limits', () => {
  const limit = (limitId: string, scope: Limit['scope'], whose: Limit['whose'], isRefusing = true) =>
    ({ limitId, scope, whose, refused: isRefusing ? { needed: 1, at: '' } : null }) as Limit;
  const limits = [
    limit('all', 'global', null),
    limit('not-known', 'user', null),
    limit('lee', 'user', { user: 'lee' }),
    limit('lee-has-room', 'user', { user: 'lee' }, false),
    limit('lee-finder', 'user+use_case', { user: 'lee', use_case: 'finder' }),
    limit('finder-3', 'version', { version: 'finder:3' }),
  ];
  const idsOf = (user: string, useCase: string) =>
    refusingLimits({ user, useCase }, limits).map((each) => each.limitId);
  expect(idsOf('lee', 'planner')).toEqual(['all', 'lee']);
  expect(idsOf('sam', 'finder')).toEqual(['all', 'finder-3']);
  expect(idsOf('lee', 'finder')).toEqual(['all', 'lee', 'lee-finder', 'finder-3']);
});

test('a policy in words', () => {
  expect(scopeText({ scope: 'user+use_case' })).toBe('each user in each use case');
  expect(scopeText({ scope: 'property', property: 'tier' })).toBe('each value of tier');
  expect(scopeText({ scope: 'user+property', property: 'tier' })).toBe('each user by tier');
  expect(windowText({ window: 'days', days: 14, zone: 'Asia/Tokyo' })).toBe('14 days, Asia/Tokyo');
  expect(windowText({ window: 'month', zone: 'UTC' })).toBe('month');
});

describe('what a change comes to', () => {
  test('members that differ, with those that come and go', () => {
    expect(differencesOf({ a: 1, b: [1, 2], c: 'x' }, { a: 2, b: [1, 2], d: true })).toEqual([
      { name: 'a', before: '1', after: '2' },
      { name: 'c', before: 'x', after: '–' },
      { name: 'd', before: '–', after: 'true' },
    ]);
    expect(differencesOf(null, { a: 1 })).toEqual([{ name: 'a', before: '–', after: '1' }]);
  });
});

describe('the form of a policy', () => {
  const formOf = (values: Record<string, string>): FormData => {
    const form = new FormData();
    for (const [name, value] of Object.entries(values)) form.set(name, value);
    return form;
  };

  test('empty inputs are members that are absent', () => {
    const form = formOf({
      name: ' total ',
      maximum: '2.5',
      threshold: '',
      useCases: ' a, ,b ',
      type: 'allow',
      enabled: 'on',
    });
    expect(policyOf(form, emptyPolicy)).toEqual({
      ...emptyPolicy,
      name: 'total',
      maxUsd: 2.5,
      useCases: ['a', 'b'],
      type: 'allow',
    });
  });

  test('members of the window, scope and models', () => {
    const values = { name: 'total', maximum: '100', unit: 'tokens', scope: 'user+property', property: 'customer_tier' };
    const policy = policyOf(
      formOf({ ...values, window: 'week', weekday: 'sunday', hour: '0', zone: 'Europe/Berlin', models: 'opus, haiku' }),
      emptyPolicy,
    );
    expect(policy).toMatchObject({
      unit: 'tokens',
      max: 100,
      scope: 'user+property',
      property: 'customer_tier',
      window: 'week',
      start: { weekday: 'sunday', hour: 0 },
      zone: 'Europe/Berlin',
      models: ['opus', 'haiku'],
    });
    expect(policy).not.toHaveProperty('maxUsd');
    // Scope, unit and property of a policy stay: their inputs are disabled, and a form has no such values.
    expect(policyOf(formOf({ maximum: '50', window: 'days', days: '14', date: '2026-01-05' }), policy)).toMatchObject({
      unit: 'tokens',
      max: 50,
      scope: 'user+property',
      property: 'customer_tier',
      window: 'days',
      days: 14,
      start: { date: '2026-01-05' },
    });
    expect(policyOf(formOf({ maximum: '5', window: 'hour' }), policy)).not.toHaveProperty('start');
  });

  test('other maxima are lines, and stay when nothing changes', () => {
    const before: Policy = { ...emptyPolicy, name: 'total', scope: 'account', maxima: { acme: 50, 'a=b': 2.5 } };
    const form = { maximum: '10', maxima: maximaText(before), enabled: 'on' };
    expect(form.maxima).toBe('acme = 50\na=b = 2.5');
    expect(updateOf(before, policyOf(formOf(form), before))).toEqual({});
    expect(updateOf(before, policyOf(formOf({ ...form, maxima: ' ' }), before))).toEqual({ maxima: null });
    expect(policyOf(formOf({ ...form, maxima: 'acme' }), before).maxima).toEqual({ acme: 0 });
  });

  test('alerts are whole percents, and stay when nothing changes', () => {
    const before: Policy = { ...emptyPolicy, name: 'total', alerts: [0.29, 0.57, 0.95] };
    const form = { maximum: '10', alerts: alertsText(before), enabled: 'on' };
    expect(form.alerts).toBe('29, 57, 95');
    expect(updateOf(before, policyOf(formOf(form), before))).toEqual({});
    expect(updateOf(before, policyOf(formOf({ ...form, alerts: '50,80' }), before))).toEqual({ alerts: [0.5, 0.8] });
    expect(updateOf(before, policyOf(formOf({ ...form, alerts: ' ' }), before))).toEqual({ alerts: null });
  });

  test('says who gets alerts, by the settings', () => {
    const setting = (name: string, state: 'set' | 'secret' | 'absent', value: string | null = null) => ({
      name,
      state,
      value,
    });
    expect(targetsText([setting('LIMIT_WEBHOOK_URL', 'absent')])).toMatch(/^Nobody gets them/);
    expect(
      targetsText([
        setting('LIMIT_WEBHOOK_URL', 'secret'),
        setting('LIMIT_EMAIL_CONNECTION', 'secret'),
        setting('LIMIT_EMAIL_TO', 'set', '["a@example.com","b@example.com"]'),
      ]),
    ).toBe('They go to the targets of LIMIT_WEBHOOK_URL and a@example.com, b@example.com.');
  });

  test('members that the form does not know stay as they are', () => {
    const before = { ...emptyPolicy, name: 'total', later: [1] };
    expect(updateOf(before, policyOf(formOf({ maximum: '20', enabled: 'on' }), before))).toEqual({ maxUsd: 20 });
  });

  test('a week begins on Monday, whether a policy says so or not', () => {
    const form = formOf({ maximum: '1', window: 'week', weekday: 'monday' });
    expect(policyOf(form, emptyPolicy)).not.toHaveProperty('start');
    expect(policyOf(form, { ...emptyPolicy, start: { weekday: 'monday' } }).start).toEqual({ weekday: 'monday' });
  });

  test('a policy that says whether its limits exist at Pay-i goes on saying so', () => {
    expect(policyOf(formOf({ atPayi: '' }), emptyPolicy)).not.toHaveProperty('atPayi');
    expect(policyOf(formOf({ atPayi: 'no' }), emptyPolicy).atPayi).toBe(false);
    expect(policyOf(formOf({ window: 'hour' }), { ...emptyPolicy, atPayi: true }).atPayi).toBe(false);
  });

  test('has the inputs that scope, unit and window have a use for', () => {
    const namesOf = (policy: Pick<Policy, 'scope' | 'unit' | 'window'>) =>
      Object.entries(usedInputs(policy))
        .filter(([, isUsed]) => isUsed)
        .map(([name]) => name);
    expect(namesOf({ scope: 'global', unit: 'usd', window: 'day' })).toEqual(['zone', 'atPayi']);
    expect(namesOf({ scope: 'user+property', unit: 'tokens', window: 'minute' })).toEqual(['property']);
    expect(namesOf({ scope: 'user', unit: 'images', window: 'week' })).toEqual(['zone', 'weekday']);
    expect(namesOf({ scope: 'user', unit: 'images', window: 'quarter' })).toEqual(['zone', 'day']);
    expect(namesOf({ scope: 'user', unit: 'usd', window: 'days' })).toEqual(['zone', 'days', 'atPayi']);
    expect(namesOf({ scope: 'user', unit: 'usd', window: 'none' })).toEqual(['atPayi']);
  });

  test('an update has what differs, and null for what is taken away', () => {
    const before = { ...emptyPolicy, name: 'total', threshold: 0.8, useCases: ['a'] };
    const { threshold: _threshold, useCases: _useCases, ...without } = before;
    expect(updateOf(before, { ...without, maxUsd: 20, enabled: false })).toEqual({
      maxUsd: 20,
      threshold: null,
      useCases: null,
      enabled: false,
    });
    expect(updateOf(before, before)).toEqual({});
  });
});
