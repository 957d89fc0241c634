import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type OwnPriceRow, useOwnPrices } from '../../shared/pricing/own-prices.ts';
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

describe('the ceiling of an own row', () => {
  afterEach(() => useOwnPrices([]));

  const prices = { input: 2, output: 10, cacheRead: 1, cacheWrite: 3, cacheWrite1h: 5, audioInput: 6, audioOutput: 20 };
  const ceiling = (row: Partial<OwnPriceRow>, options = {}) => {
    useOwnPrices([{ provider: 'anthropic', models: ['own'], source: 'contract', prices, ...row }]);
    return upperPrice('own', atMs, { us: false, ...options });
  };
  const of = (input: number, output: number, audioInput: number, audioOutput: number) =>
    Object.fromEntries(
      Object.entries({ input, output, audioInput, audioOutput }).map(([name, usd]) => [name, BigInt(usd * 1e6)]),
    );
  const modifiers = { batch: 0.5, us: 1.1, fast: 2, gov: 1.5 };

  test.each<[string, Partial<OwnPriceRow>, object, object]>([
    ['plain', {}, {}, of(3, 10, 6, 20)],
    ['with an hour’s cache', {}, { cache: '1h' }, of(5, 10, 6, 20)],
    ['in a batch', { modifiers }, { batch: true }, of(1.5, 5, 3, 10)],
    ['in a batch without a price of its own', {}, { batch: true }, of(3, 10, 6, 20)],
    ['in the US zone', { modifiers }, { us: true }, of(3.3, 11, 6.6, 22)],
    ['in a government’s cloud, whatever its zone', { modifiers }, { us: true, surcharge: 'gov' }, of(4.5, 15, 9, 30)],
    ['fast, in a batch', { modifiers }, { fast: true, batch: true }, of(3, 10, 6, 20)],
    ['whose cache is cheaper than plain', { prices: { ...prices, cacheRead: 1, cacheWrite: 1 } }, {}, of(2, 10, 6, 20)],
    ['whose reads are the dearest', { prices: { ...prices, cacheRead: 7 } }, {}, of(7, 10, 6, 20)],
    ['whose cache has no price', { prices: { ...prices, cacheRead: null, cacheWrite: null } }, {}, of(2, 10, 6, 20)],
    [
      'whose band above is cheaper',
      { above: { promptTokens: 10, prices: { ...prices, output: 1 } } },
      {},
      of(3, 10, 6, 20),
    ],
    [
      'whose band above is dearer',
      { above: { promptTokens: 10, prices: { ...prices, output: 11, audioInput: 7 } } },
      {},
      of(3, 11, 7, 20),
    ],
    [
      'below that band',
      { above: { promptTokens: 10, prices: { ...prices, output: 11 } } },
      { promptTokensAtMost: 10 },
      of(3, 10, 6, 20),
    ],
  ])('%s', (_, row, options, expected) => {
    expect(ceiling(row, options)).toMatchObject(expected);
  });

  test('of sound is unknown where a band has no price of it', () => {
    const silent = { ...prices, audioInput: null, audioOutput: null };
    expect(ceiling({ prices: silent })).toMatchObject({ audioInput: null, audioOutput: null, input: 3_000_000n });
    const above = { promptTokens: 10, prices: silent };
    expect(ceiling({ above })).toMatchObject({ audioInput: null, audioOutput: null });
    expect(ceiling({ above }, { promptTokensAtMost: 10 })).toMatchObject(of(3, 10, 6, 20));
  });

  test('is unknown where input or output of a band is', () => {
    for (const one of ['input', 'output']) expect(ceiling({ prices: { ...prices, [one]: null } })).toBeNull();
    expect(ceiling({ above: { promptTokens: 10, prices: { ...prices, output: null } } })).toBeNull();
  });

  test('counts sound at its own price where that is more', () => {
    const bound = (call: object, own: Partial<OwnPriceRow> = {}) => {
      ceiling(own);
      return boundNanoUsd({ model: 'own', atMs, promptTokens: 1_000, outputTokens: 100, ...call }, { us: false });
    };
    const [cheap, silent] = [
      { ...prices, audioInput: 1, audioOutput: 1 },
      { ...prices, audioInput: null },
    ];
    expect(bound({})).toBe(3_000_000n + 1_000_000n);
    expect(bound({ soundTokens: 100 })).toBe(3_000_000n + 300_000n + 1_000_000n);
    expect(bound({ speaks: true })).toBe(3_000_000n + 2_000_000n);
    expect(bound({ soundTokens: 100, speaks: true }, { prices: cheap })).toBe(4_000_000n);
    expect(bound({ soundTokens: 1 }, { prices: silent })).toBeNull();
    expect(bound({}, { prices: silent })).toBe(4_000_000n);
    expect(bound({ speaks: true }, { prices: { ...prices, audioOutput: null } })).toBeNull();
  });
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
