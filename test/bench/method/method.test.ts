import { expect, test } from 'vitest';
import { estimate } from './estimate.ts';
import { inPairs, measureInRounds } from './rounds.ts';
import { judgeClaim } from './verdict.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('the interval of a median is that of the sign test', () => {
  // Tables of the binomial distribution: of 12 values the 2nd to the 11th, of 48 the 15th to the 34th.
  expect(estimate(upTo(12))).toEqual({ median: 6.5, low: 2, high: 11, values: 12 });
  expect(estimate(upTo(48))).toEqual({ median: 24.5, low: 15, high: 34, values: 48 });
});

test('an interval of fewer than 8 values has no ends', () => {
  expect(estimate(upTo(7))).toMatchObject({ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
  expect(estimate(upTo(8))).toMatchObject({ low: 1, high: 8 });
});

test.each([
  { below: 12, met: true },
  { below: 11, undecided: true },
  { below: 3, undecided: true },
  { below: 2, met: false },
])('12 values from 1 to 12 against below $below', ({ below, met = false, undecided }) => {
  const goal = judgeClaim({ name: 'n', unit: 'µs', below }, upTo(12));
  expect({ met: goal.met, undecided: goal.undecided }).toEqual({ met, undecided });
});

test('at least is decided by the other end of the interval', () => {
  expect(judgeClaim({ name: 'n', unit: 'x', atLeast: 2 }, upTo(12)).met).toBe(true);
  expect(judgeClaim({ name: 'n', unit: 'x', atLeast: 3 }, upTo(12)).undecided).toBe(true);
  expect(judgeClaim({ name: 'n', unit: 'x', atLeast: 12 }, upTo(12))).toMatchObject({ met: false });
});

test('subjects take turns until the goals are decided', async () => {
  const order: string[] = [];
  const subject = (name: string) => async () => order.push(name);
  const subjects = new Map([
    ['a', subject('a')],
    ['b', subject('b')],
  ]);
  const measured = await measureInRounds(subjects, (values) => values.get('a')?.length === 4, [2, 4, 8]);
  expect(order.join('')).toBe('abbaabba');
  expect(inPairs(measured, 'a', 'b', (a, b) => a - b)).toEqual([-1, 1, -1, 1]);
});

test('rounds end after the last look', async () => {
  const measured = await measureInRounds(new Map([['a', async () => 1]]), () => false, [1, 3]);
  expect(measured.get('a')).toHaveLength(3);
});
