import { expect, test } from 'vitest';
import { z } from 'zod';
import { uuidV7 } from '../../shared/util/ids.ts';
import { fromUsd, toUsd } from '../../shared/util/money.ts';

test('a UUID of version 7 is valid and sorts by its time', () => {
  const ids = [1_000, 1_700_000_000_000, 1_700_000_000_001, 2 ** 47].map(uuidV7);
  for (const id of ids) expect(z.uuidv7().safeParse(id).success).toBe(true);
  expect([...ids].sort()).toEqual(ids);
});

test('ids of one millisecond differ, and sort in the order in which they were made', () => {
  const ids = Array.from({ length: 4_096 }, () => uuidV7(5));
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
});

test('they do so too when ids of an earlier time are made in between', () => {
  const now = 2 ** 47 + 9;
  const made = Array.from({ length: 100 }, () => [uuidV7(now), uuidV7(now - 1_000)]);
  for (const ids of [made.map(([id]) => id), made.map(([, id]) => id)]) expect([...ids].sort()).toEqual(ids);
});

test.each([
  [0.1, 100_000_000n],
  [0.000000001, 1n],
  [1_000_000, 1_000_000_000_000_000n],
])('%d USD is %d nano-USD and back', (usd, nanoUsd) => {
  expect(fromUsd(usd)).toBe(nanoUsd);
  expect(toUsd(nanoUsd)).toBe(usd);
});
