import { expect, test } from 'vitest';
import { checkEnforcement } from '../../shared/diagnosis/enforcement.ts';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import { policy } from '../limits/helpers.ts';

const found = (facts: Partial<Policy>) =>
  checkEnforcement(
    { policies: [policy(facts)], passed: [], blockAtPayi: [], resets: [] },
    { events: 0, namesAccounts: false, useCases: [] } as unknown as Parameters<typeof checkEnforcement>[1],
    { LIMITS_ENABLED: true, GATEWAY_USE_CASES: ['mine'] },
  );

test.each<[string, Partial<Policy>, string]>([
  [
    'a model that is not in the price list',
    { models: ['claude-opus-5-5', 'gpt-99'] },
    'daily counts calls of gpt-99, and no model of the price list has this name',
  ],
  ['another name of a model', { models: ['claude-opus-5-5-20260922'] }, 'counts calls of claude-opus-5-5-20260922'],
  [
    'one use case of several',
    { useCases: ['trail_finder', 'no_such'] },
    'daily counts calls of no_such, and there is no such use case',
  ],
  ['no use case that there is', { useCases: ['no_such'] }, 'daily counts only calls of no_such'],
])('a policy that names %s is found', (_, facts, text) => {
  expect(found(facts).found).toContain(text);
});

test('a policy of known names is not, whatever it does at the line', () => {
  for (const type of ['block', 'fall_back', 'ask'] as const)
    expect(found({ type, models: ['claude-opus-5-5', 'other'], useCases: ['trail_finder', 'mine'] }).found).toBe(
      'The limits act as their policies say.',
    );
});

test('the name of a model in the price list is what mends another one', () => {
  expect(found({ models: ['claude-opus-5-5-20260922'] }).mend).toContain('{"models":["claude-opus-5-5"]}');
});
