import { expect, test } from 'vitest';
import { fromUsd, toUsd, usdText } from '../../shared/util/money.ts';

test.each<[bigint, number, string]>([
  [0n, 0, '0'],
  [1n, 1e-9, '0.000000001'],
  [700n, 7e-7, '0.0000007'],
  [10_000_000n, 0.01, '0.01'],
  [1_000_000_000n, 1, '1'],
  [1_050_000_000n, 1.05, '1.05'],
  [20_000_000_000n, 20, '20'],
  [123_456_789_012_345n, 123_456.789012345, '123456.789012345'],
])('%i nano-USD are %d USD', (nanoUsd, usd, text) => {
  expect(toUsd(nanoUsd)).toBe(usd);
  expect(usdText(nanoUsd)).toBe(text);
});

test.each<[number, bigint]>([
  [0, 0n],
  [0.1, 100_000_000n],
  [1e-9, 1n],
  [4e-10, 0n],
  [6e-10, 1n],
  [1_000_000, 1_000_000_000_000_000n],
])('%d USD are %i nano-USD, rounded to the nearest', (usd, nanoUsd) => {
  expect(fromUsd(usd)).toBe(nanoUsd);
});
