import { describe, expect, test } from 'vitest';
import { differencesOf } from '../../functions/console/views/limits/difference.ts';
import { gaugeParts } from '../../functions/console/views/limits/gauge-parts.ts';
import {
  areMembers,
  emptyPolicy,
  otherMembers,
  policyOf,
  updateOf,
} from '../../functions/console/views/limits/policy-form.ts';

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

  test('members without an input of their own are JSON', () => {
    const others = '{"zone":"Europe/Berlin","start":{"hour":6}}';
    const policy = policyOf(formOf({ name: 'total', maxUsd: '1', others, enabled: 'on' }), emptyPolicy);
    expect(policy).toMatchObject({ zone: 'Europe/Berlin', start: { hour: 6 } });
    expect(JSON.parse(otherMembers(policy))).toEqual(JSON.parse(others));
    expect(updateOf({ ...policy, start: { hour: 5 } }, policy)).toEqual({ start: { hour: 6 } });
    expect(['', ' ', '{}', '[]', 'null', '{'].map(areMembers)).toEqual([true, true, true, false, false, false]);
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
