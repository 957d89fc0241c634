import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pricedModels } from '../../shared/pricing/price-book.ts';
import { priceUnits } from '../../shared/pricing/price-units.ts';
import { boundNanoUsd, upperPrice } from '../../shared/pricing/upper-price.ts';

const atMs = Date.parse('2026-11-23T12:00:00Z');

test.each([
  ['writes to the cache and the US zone are counted in', 'claude-sonnet-5-5', {}, [2_750_000n, 11_000_000n]],
  ['an hour’s cache', 'claude-sonnet-5-5', { cache: '1h', us: false }, [4_000_000n, 10_000_000n]],
  ['fast mode', 'claude-opus-5-5', { fast: true, us: false }, [10_000_000n, 40_000_000n]],
  ['the dearest band', 'claude-haiku-5-5', { us: false }, [625_000n, 2_500_000n]],
  [
    'the lower band where it is certain',
    'claude-haiku-5-5',
    { us: false, promptTokensAtMost: 100_000 },
    [125_000n, 500_000n],
  ],
  ['no US surcharge before 4.6', 'claude-haiku-4-5', {}, [1_250_000n, 5_000_000n]],
] as const)('%s', (_, model, options, [input, output]) => {
  expect(upperPrice(model, atMs, options)).toMatchObject({ input, output });
});

test.each([
  ['a model whose caches have no price', 'gpt-4o', {}, [2_500_000n, 10_000_000n]],
  ['its hour’s cache', 'claude-3-haiku-20240307', { cache: '1h' }, [250_000n, 1_250_000n]],
  ['a band of another provider', 'gemini-1.5-pro', {}, [2_500_000n, 10_000_000n]],
  ['below that band', 'gemini-1.5-pro', { promptTokensAtMost: 128_000 }, [1_250_000n, 5_000_000n]],
] as const)('the ceiling of %s', (_, model, options, [input, output]) => {
  expect(upperPrice(model, atMs, options)).toMatchObject({ input, output });
});

test.each([
  ['the band of its own prompt', { promptTokens: 100_000, outputTokens: 0 }, { us: false }, 12_500_000n],
  ['the band above', { promptTokens: 100_001, outputTokens: 1 }, { us: false }, 62_500_625n + 2_500n],
  ['an hour’s cache', { promptTokens: 10, outputTokens: 0 }, { us: false, cache: '1h' }, 2_000n],
  ['searches', { promptTokens: 0, outputTokens: 0, webSearches: 2 }, {}, 20_000_000n],
  ['a part of a nano-USD, rounded up', { promptTokens: 1, outputTokens: 0 }, {}, 138n],
  ['nothing', { promptTokens: 0, outputTokens: 0 }, {}, 0n],
] as const)('the bound of a call: %s', (_, call, options, expected) => {
  expect(boundNanoUsd({ model: 'claude-haiku-5-5', atMs, ...call }, options)).toBe(expected);
});

test('no ceiling without a price', () => {
  expect(upperPrice('claude-mythos-preview', atMs)).toBeNull();
  expect(upperPrice('claude-sonnet-5-5', atMs, { fast: true })).toBeNull();
  expect(boundNanoUsd({ model: 'some-model', atMs, promptTokens: 1, outputTokens: 1 })).toBeNull();
});

test('no usage within its amounts costs more than the bound', () => {
  const models = pricedModels().filter((model) => model.startsWith('claude-') && upperPrice(model, atMs));
  const share = fc.nat(60_000);
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      share,
      share,
      share,
      share,
      fc.nat(5),
      fc.boolean(),
      (model, a, b, c, out, searches, us) => {
        const units = {
          text: { input: a, output: out },
          text_cache_write: { input: b },
          text_cache_read: { input: c },
          web_search_request: { output: searches },
        };
        const price = priceUnits({ model, units, atMs, modifiers: us ? ['us'] : [] });
        const bound = boundNanoUsd({ model, atMs, promptTokens: a + b + c, outputTokens: out, webSearches: searches });
        if (price !== null) expect(bound).toBeGreaterThanOrEqual(price);
      },
    ),
  );
});
