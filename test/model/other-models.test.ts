import { expect, test } from 'vitest';
import { readBetas } from '../../shared/model/request/betas.ts';
import { otherModels } from '../../shared/model/request/other-models.ts';

const MOST = 128_000;
const fallbacks = (...entries: unknown[]) => otherModels({ fallbacks: entries, max_tokens: 500 }, [], MOST);
const entry = { model: 'claude-opus-5-5', maxTokens: 500, fast: false, uses: 1, member: 'fallbacks' };

test('a fallback has its own length, or that of the request, or the most', () => {
  expect(fallbacks({ model: 'claude-opus-5-5' })).toEqual([entry]);
  expect(fallbacks({ model: 'claude-opus-5-5', max_tokens: 7 })).toEqual([{ ...entry, maxTokens: 7 }]);
  expect(otherModels({ fallbacks: [{}] }, [], MOST)).toEqual([{ ...entry, model: '', maxTokens: MOST }]);
  expect(fallbacks({ model: 'a secret of mine', speed: 'fast' })).toEqual([{ ...entry, model: '', fast: true }]);
});

test.each([
  [0, 0],
  [1_000_000, 1_000_000],
  [1_000_001, MOST],
  [-1, MOST],
  [1.5, MOST],
  ['7', MOST],
])('a length of %j counts as %i', (max_tokens, maxTokens) => {
  expect(fallbacks({ max_tokens })).toMatchObject([{ maxTokens }]);
});

test('what is not an entry is left out, a choice of the provider is any model', () => {
  expect(fallbacks(null, 'claude-opus-5-5', 7)).toEqual([]);
  expect(otherModels({ fallbacks: 'default', max_tokens: 500 }, [], MOST)).toEqual([{ ...entry, model: '' }]);
  for (const none of [undefined, null, {}, 7]) expect(otherModels({ fallbacks: none }, [], MOST)).toEqual([]);
});

test('of the tools only advisors, each as often as it may be asked', () => {
  const tools = [
    { type: 'web_search_20250305', max_uses: 3 },
    { type: 'advisor_20260301', model: 'claude-opus-5-5', max_tokens: 9, max_uses: 4, member: 'tools' },
    { type: 'advisor_20260301', model: 'claude-opus-5-5' },
    { name: 'own' },
  ];
  expect(otherModels({ max_tokens: 500 }, tools, MOST)).toEqual([
    { ...entry, maxTokens: 9, uses: 4, member: 'tools' },
    { ...entry, maxTokens: MOST, uses: 10, member: 'tools' },
  ]);
});

test('betas are read with spaces around them', () => {
  expect(readBetas(' prompt-caching-2024-07-31 , new-1,')).toEqual({
    named: new Set(['prompt-caching-2024-07-31', 'new-1']),
    unknown: 'new-1',
  });
});
