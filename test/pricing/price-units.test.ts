import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Units } from '../../shared/events/usage-event.ts';
import { findPrices, pricedModels } from '../../shared/pricing/price-book.ts';
import { type Modifier, modifierNames } from '../../shared/pricing/price-row.ts';
import { explainPrice, modifierFactor, priceUnits } from '../../shared/pricing/price-units.ts';

const at = (time: string) => Date.parse(time);
const now = at('2026-11-23T12:00:00Z');

describe('prices worked out by hand, in nano-USD', () => {
  const cases: [string, string, Units, bigint | null, { at?: number; modifiers?: Modifier[] }?][] = [
    ['input and output', 'claude-sonnet-5-5', { text: { input: 1_000, output: 500 } }, 2_000_000n + 5_000_000n],
    [
      'all cache kinds',
      'claude-opus-5-5',
      {
        text: { input: 10, output: 1 },
        text_cache_write: { input: 100 },
        text_cache_write_1h: { input: 100 },
        text_cache_read: { input: 1_000 },
      },
      40_000n + 20_000n + 500_000n + 800_000n + 200_000n,
    ],
    ['images as input', 'claude-opus-5', { vision: { input: 2_691 }, text: { input: 9, output: 0 } }, 13_500_000n],
    ['a search', 'claude-sonnet-5-5', { web_search_request: { output: 3 } }, 30_000_000n],
    [
      'reads on the last day',
      'claude-sonnet-5-5',
      { text_cache_read: { input: 1_000 } },
      200_000n,
      { at: at('2026-10-06T23:59:59.999Z') },
    ],
    [
      'reads on the first day',
      'claude-sonnet-5-5',
      { text_cache_read: { input: 1_000 } },
      100_000n,
      { at: at('2026-10-07T00:00:00Z') },
    ],
    ['below the band', 'claude-haiku-5-5', { text: { input: 100_000, output: 1_000 } }, 10_000_000n + 500_000n],
    ['above the band', 'claude-haiku-5-5', { text: { input: 100_001, output: 1_000 } }, 50_000_500n + 2_500_000n],
    [
      'caches count towards the band',
      'claude-haiku-5-5',
      { text: { input: 1, output: 0 }, text_cache_read: { input: 100_000 } },
      500n + 5_000_000n,
    ],
    [
      'the finest step, rounded up',
      'claude-haiku-5-5',
      { text_cache_write: { input: 1 } },
      69n,
      { modifiers: ['batch', 'us'] },
    ],
    ['rounded up once', 'claude-haiku-5-5', { text_cache_write: { input: 2 } }, 138n, { modifiers: ['batch', 'us'] }],
    ['fast', 'claude-opus-5-5', { text: { input: 1, output: 1 } }, 48_000n, { modifiers: ['fast'] }],
    [
      'fast and US, the search as ever',
      'claude-fable-5-2',
      { text: { input: 10 }, web_search_request: { output: 1 } },
      176_000n + 10_000_000n,
      { modifiers: ['fast', 'us'] },
    ],
    [
      'large context is not a dearer',
      'claude-sonnet-5-5',
      { text_large_context: { input: 200_000, output: 1 } },
      400_010_000n,
    ],
    [
      'it was',
      'claude-sonnet-4-6',
      { text_large_context: { input: 200_001, output: 1 } },
      1_200_006_000n + 22_500n,
      { at: at('2026-03-12T23:00:00Z') },
    ],
    ['judge: OpenAI', 'gpt-4o', { text: { input: 1_000, output: 100 } }, 2_500_000n + 1_000_000n],
    ['judge: reasoning is output', 'o3-mini', { text: { input: 0, output: 0 }, reasoning: { output: 10 } }, 44_000n],
    ['by the cloud’s prefix', 'anthropic.claude-haiku-4-5', { text: { input: 1, output: 1 } }, 6_000n],
    ['nothing used', 'claude-sonnet-5-5', { text: { input: 0, output: 0 } }, 0n],
    ['no price for the model', 'claude-mythos-preview', { text: { input: 1 } }, null],
    ['no such model', 'some-model', { text: { input: 1 } }, null],
    ['no such unit', 'claude-sonnet-5-5', { text: { input: 1 }, page: { input: 1 } }, null],
    ['no such modifier', 'claude-sonnet-5-5', { text: { input: 1 } }, null, { modifiers: ['fast'] }],
    ['no cache writes there', 'gpt-4o', { text_cache_write: { input: 1 } }, null],
  ];
  test.each(cases)('%s', (_, model, units, expected, options = {}) => {
    const modifiers = options.modifiers ?? [];
    expect(priceUnits({ model, units, atMs: options.at ?? now, modifiers })).toBe(expected);
  });
});

const unitNames = ['text', 'text_cache_write', 'text_cache_write_1h', 'text_cache_read', 'web_search_request'];
const anyUnits = fc.dictionary(
  fc.constantFrom(...unitNames),
  fc.record({ input: fc.nat(300_000), output: fc.nat(100_000) }),
) as fc.Arbitrary<Units>;
/** Keeps to what providers report: caches have no output, searches no input. */
const usage = anyUnits.map((units) =>
  Object.fromEntries(
    Object.entries(units).map(([name, { input = 0, output = 0 }]) => [
      name,
      name === 'web_search_request' ? { output } : name === 'text' ? { input, output } : { input },
    ]),
  ),
);

describe('properties', () => {
  const model = fc.constantFrom(...pricedModels().filter((name) => name.startsWith('claude-')));

  test('the lines add up to the price, within the rounding of one nano-USD', () => {
    fc.assert(
      fc.property(model, usage, (name, units) => {
        const lines = explainPrice({ model: name, units, atMs: now });
        const price = priceUnits({ model: name, units, atMs: now });
        expect(lines === null).toBe(price === null);
        if (!lines || price === null) return;
        const pico = lines.reduce((sum, line) => sum + line.picoUsd, 0n);
        expect(price * 1_000n - pico).toBeGreaterThanOrEqual(0n);
        expect(price * 1_000n - pico).toBeLessThan(1_000n);
      }),
    );
  });

  test('more of anything never costs less, and nothing is below zero', () => {
    fc.assert(
      fc.property(model, usage, fc.constantFrom('input', 'output'), fc.nat(200_000), (name, units, direction, more) => {
        const text = { input: 0, output: 0, ...units['text'] };
        const before = priceUnits({ model: name, units: { ...units, text }, atMs: now });
        const grown = { ...units, text: { ...text, [direction]: text[direction as 'input' | 'output'] + more } };
        const after = priceUnits({ model: name, units: grown, atMs: now });
        if (before === null || after === null) return;
        expect(before).toBeGreaterThanOrEqual(0n);
        expect(after).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  test('two calls below the band cost what one of both would, but for the rounding', () => {
    fc.assert(
      fc.property(fc.nat(40_000), fc.nat(40_000), (a, b) => {
        const price = (tokens: number) =>
          priceUnits({ model: 'claude-haiku-5-5', units: { text: { input: tokens, output: tokens } }, atMs: now }) ??
          0n;
        expect(price(a) + price(b) - price(a + b)).toBeGreaterThanOrEqual(0n);
        expect(price(a) + price(b) - price(a + b)).toBeLessThanOrEqual(1n);
      }),
    );
  });
});

test('a call without modifiers has its plain price', () => {
  expect(priceUnits({ model: 'claude-sonnet-5-5', units: { text: { input: 1_000 } }, atMs: now })).toBe(2_000_000n);
});

test.each<[string, Units]>([
  ['an output of a kind without a price', { text: { input: 1 }, audio: { output: 1 } }],
  ['an output that only inputs have', { text_cache_read: { output: 1 } }],
  ['a unit that only begins like a known one', { text_large_context_cached: { input: 1 } }],
])('%s makes the cost unknown', (_, units) => {
  expect(priceUnits({ model: 'claude-sonnet-5-5', units, atMs: now })).toBeNull();
});

test('every price of the book with every set of its modifiers is a whole number of pico-USD', () => {
  for (const name of pricedModels()) {
    const row = findPrices(name, now);
    if (!row) throw new Error(`${name} has no price today`);
    const known = modifierNames.filter((modifier) => row.modifiers[modifier] !== undefined);
    const factor = modifierFactor(row, known) ?? 0n;
    for (const price of [...Object.values(row.prices), ...Object.values(row.above?.prices ?? {})]) {
      if (price !== null) expect((price * factor) % 10_000n, name).toBe(0n);
    }
  }
});

test('a model has at most one price at a time, and no gap between two', () => {
  expect(pricedModels().length).toBeGreaterThan(10);
  for (const name of pricedModels()) {
    for (const day of ['2026-01-01', '2026-03-13', '2026-10-06', '2026-10-07', '2026-11-30', '2026-12-01']) {
      expect(findPrices(name, at(`${day}T00:00:00Z`)), `${name} on ${day}`).toBeDefined();
    }
  }
});
