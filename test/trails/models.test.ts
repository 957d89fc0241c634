import { describe, expect, test } from 'vitest';
import { visionModel } from '../../shared/trails/analysis/models.ts';
import { takesStructuredOutput } from '../../shared/trails/structured-output/structured.ts';

test.each([
  ['claude-sonnet-5-5', true],
  ['claude-haiku-5-5', true],
  ['claude-opus-5', true],
  ['claude-fable-5-2', true],
  ['claude-sonnet-4-6', true],
  ['claude-sonnet-4-5', true],
  ['claude-sonnet-4-5-20250929', true],
  ['claude-opus-4-1-20250805', false],
  ['claude-sonnet-4-20250514', false],
  ['claude-opus-4-0', false],
  ['claude-3-5-sonnet-20241022', false],
  ['gpt-4o', false],
  ['my-deployment', false],
])('structured output of %s: %s', (model, expected) => {
  expect(takesStructuredOutput(model)).toBe(expected);
});

describe('the model that a photo request means', () => {
  test.each([
    ['claude-sonnet-4-20250514', 'claude-sonnet-5-5'],
    ['claude-opus-4-20250514', 'claude-opus-5-5'],
    ['claude-3-5-sonnet-20241022', 'claude-sonnet-5-5'],
    ['claude-3-5-haiku-20241022', 'claude-haiku-5-5'],
    ['claude-opus-5-5', 'claude-opus-5-5'],
    ['claude-fable-5-2', 'claude-fable-5-2'],
  ])('%s: %s', (requested, model) => {
    expect(visionModel(requested, {})).toBe(model);
  });

  test('the settings’ aliases win, also for ids of other providers', () => {
    const aliases = { 'gpt-4o': 'claude-opus-5-5', 'claude-sonnet-4-20250514': 'claude-sonnet-4-6' };
    expect(visionModel('gpt-4o', aliases)).toBe('claude-opus-5-5');
    expect(visionModel('claude-sonnet-4-20250514', aliases)).toBe('claude-sonnet-4-6');
  });

  test.each(['constructor', '__proto__', 'toString', 'claude-', 'claude-sonnet-5-5\n', 'CLAUDE-SONNET-5-5'])(
    '%j is not a model',
    (requested) => {
      expect(() => visionModel(requested, {})).toThrow('Unknown model');
    },
  );
});
