import { expect, test } from 'vitest';
import { findFee, findPrices, pricedModels } from '../../shared/pricing/price-book.ts';

test.each([
  ['2026-10-06T23:59:59.999Z', 200_000n],
  ['2026-10-07T00:00:00.000Z', 100_000n],
  ['2026-11-23T12:00:00.000Z', 100_000n],
  ['2020-01-01T00:00:00.000Z', 200_000n],
])('a row counts from its day on and until the day of the next: %s', (time, cacheRead) => {
  expect(findPrices('claude-sonnet-5-5', Date.parse(time))?.prices).toMatchObject({ input: 2_000_000n, cacheRead });
});

test('a model that is not in the book has no prices', () => {
  expect(findPrices('some-model', Date.now())).toBeUndefined();
});

test('a fee is of one provider and of one unit', () => {
  expect(findFee('anthropic', 'web_search_request')).toBe(10_000_000_000n);
  expect(findFee('openai', 'web_search_request')).toBeUndefined();
  expect(findFee('anthropic', 'image')).toBeUndefined();
});

test('models of one provider, or of all', () => {
  const all = pricedModels();
  const ofAnthropic = pricedModels('anthropic');
  expect(all).toEqual(expect.arrayContaining(['claude-sonnet-5-5', 'gpt-4o', 'o3', 'gemini-1.5-pro']));
  expect(ofAnthropic).toContain('claude-sonnet-5-5');
  expect(ofAnthropic.filter((model) => !model.includes('claude'))).toEqual([]);
  expect(pricedModels('openai')).not.toContain('claude-sonnet-5-5');
  expect(pricedModels('nobody')).toEqual([]);
  expect(new Set(all).size).toBe(all.length);
});
