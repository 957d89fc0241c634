import { describe, expect, test } from 'vitest';
import { type EffortMember, formMembers, inForm, shortens } from '../../shared/model/request/form-members.ts';

const output = { name: 'max_tokens', times: 1, rest: 0, least: 1 };
const shape = { maxTokens: 1_000, output };
const nothing = () => undefined;

describe('a body in a form', () => {
  test('has the members of the form in place of its own', () => {
    expect(inForm({ model: 'a', n: 1 }, { model: 'b' })).toStrictEqual({ model: 'b', n: 1 });
    expect(inForm(['not an object'], { model: 'b' })).toStrictEqual({ model: 'b' });
  });
  test('is the same without one', () => {
    const body = { model: 'a' };
    expect(inForm(body, undefined)).toBe(body);
  });
});

describe('how long an answer may be', () => {
  test.each<[number, object, boolean]>([
    [999, {}, true],
    [1_000, {}, false],
    [1_001, {}, false],
    [799, { rest: 200 }, true],
    [800, { rest: 200 }, false],
    [499, { times: 2 }, true],
    [500, { times: 2 }, false],
    [399, { times: 2, rest: 200 }, true],
    [400, { times: 2, rest: 200 }, false],
  ])('%i is shorter than 1,000 of %o: %s', (most, more, expected) => {
    expect(shortens({ maxTokens: 1_000, output: { ...output, ...more } }, most)).toBe(expected);
  });
});

describe('what a form changes', () => {
  test('is what it says, and nothing else', () => {
    expect(formMembers({ maxTokens: 1_000 }, shape, ['reasoning_effort'], nothing)).toStrictEqual({});
    expect(formMembers({ model: 'b' }, shape, ['reasoning_effort'], nothing)).toStrictEqual({ model: 'b' });
    expect(formMembers({ maxTokens: 500 }, shape, undefined, nothing)).toStrictEqual({ max_tokens: 500 });
    expect(formMembers({ maxTokens: 1_000, effort: 'low' }, shape, undefined, nothing)).toStrictEqual({});
  });

  test('are both members that set a maximum', () => {
    const both = { ...shape, output: { ...output, name: 'max_tokens, max_completion_tokens' } };
    expect(formMembers({ maxTokens: 5 }, both, undefined, nothing)).toStrictEqual({
      max_tokens: 5,
      max_completion_tokens: 5,
    });
  });

  const within: EffortMember = ['output_config', 'effort'];
  const alone: EffortMember = ['reasoning_effort'];
  test.each<[string, EffortMember, unknown, object]>([
    ['no effort of its own', alone, undefined, { reasoning_effort: 'medium' }],
    ['more effort', alone, 'high', { reasoning_effort: 'medium' }],
    ['the same effort', alone, 'medium', {}],
    ['less effort', alone, 'none', {}],
    ['an effort that nobody knows', alone, 'utmost', { reasoning_effort: 'medium' }],
    ['an effort inside a member', alone, { effort: 'low' }, { reasoning_effort: 'medium' }],
    ['no member', within, undefined, { output_config: { effort: 'medium' } }],
    ['a member without effort', within, { format: 1 }, { output_config: { format: 1, effort: 'medium' } }],
    ['more effort inside', within, { effort: 'max', format: 1 }, { output_config: { format: 1, effort: 'medium' } }],
    ['less effort inside', within, { effort: 'low' }, {}],
    ['a member that is a text', within, 'low', { output_config: { effort: 'medium' } }],
  ])('of a request with %s', (_, at, value, expected) => {
    const valueAt = (name: string) => (name === at[0] ? value : 'another member');
    expect(formMembers({ maxTokens: 1_000, effort: 'medium' }, shape, at, valueAt)).toStrictEqual(expected);
  });
});
