import { describe, expect, test } from 'vitest';
import { day, percent, price, priceRowSchema } from '../../shared/pricing/price-row.ts';

describe('a price', () => {
  test.each<[number | null, bigint | null]>([
    [null, null],
    [0, 0n],
    [2, 2_000_000n],
    [0.075, 75_000n],
    [0.000_000_4, 0n],
    [0.000_000_6, 1n],
  ])('of %d USD a million is %d pico-USD a token', (usd, pico) => {
    expect(price.parse(usd)).toBe(pico);
  });
  test.each([-0.01, '2', undefined, Number.NaN])('is not %j', (wrong) => {
    expect(price.safeParse(wrong).success).toBe(false);
  });
});

test('a factor is in percent, and above 0', () => {
  expect([0.5, 1.1, 2, 1.005].map((factor) => percent.parse(factor))).toEqual([50n, 110n, 200n, 100n]);
  expect([0, -1].map((factor) => percent.safeParse(factor).success)).toEqual([false, false]);
});

test('a day begins at midnight, UTC', () => {
  expect(day.parse('2026-11-23')).toBe(Date.UTC(2026, 10, 23));
  expect(day.safeParse('2026-02-30').success).toBe(false);
});

describe('a row', () => {
  const prices = { input: 2, output: 10, cacheWrite: null, cacheWrite1h: null, cacheRead: 0.2 };
  const row = { provider: 'anthropic', models: ['claude-x'], prices };

  test('has no modifiers, no dates and no price of sound unless it says so', () => {
    const read = priceRowSchema.parse(row);
    expect(read).toEqual({
      ...row,
      modifiers: {},
      prices: {
        ...{ input: 2_000_000n, output: 10_000_000n, cacheWrite: null, cacheWrite1h: null, cacheRead: 200_000n },
        ...{ audioInput: null, audioOutput: null },
      },
    });
  });

  test('has all that it says', () => {
    const above = { promptTokens: 200_000, prices: { ...prices, audioInput: 4, audioOutput: 8 } };
    const read = priceRowSchema.parse({
      ...row,
      above,
      from: '2026-01-01',
      until: '2027-01-01',
      modifiers: { us: 1.1 },
    });
    expect(read).toMatchObject({
      from: Date.UTC(2026, 0, 1),
      until: Date.UTC(2027, 0, 1),
      modifiers: { us: 110n },
      above: { promptTokens: 200_000, prices: { audioInput: 4_000_000n, audioOutput: 8_000_000n } },
    });
  });

  test.each<[string, object]>([
    ['no model', { models: [] }],
    ['a model without a name', { models: [''] }],
    ['an unknown modifier', { modifiers: { cheap: 0.1 } }],
    ['an unknown member', { note: 'x' }],
    ['an unknown price', { prices: { ...prices, thinking: 1 } }],
    ['a missing price', { prices: { ...prices, cacheRead: undefined } }],
    ['half a token', { above: { promptTokens: 1.5, prices } }],
    ['an unknown member of the second prices', { above: { promptTokens: 1, prices, note: 'x' } }],
  ])('with %s is refused', (_, more) => {
    expect(priceRowSchema.safeParse({ ...row, ...more }).success).toBe(false);
  });
});
