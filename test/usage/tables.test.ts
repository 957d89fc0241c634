import { expect, test } from 'vitest';
import { planUsage } from '../../shared/usage/answers/usage-plan.ts';
import { pagesFor } from '../../shared/usage/rollups/pages-of-view.ts';
import type { RollupHead } from '../../shared/usage/rollups/rollup-store.ts';
import { addSketch, addValue, quantiles, RELATIVE_ERROR, type Sketch } from '../../shared/usage/sketch.ts';
import { hoursBetween, nextHour } from '../../shared/usage/spans.ts';

const sketchOf = (values: number[]): Sketch => {
  const sketch: Sketch = new Map();
  for (const value of values) addValue(sketch, value);
  return sketch;
};

test.each([
  ['one value', [250]],
  ['zeros', [0, 0, 5]],
  ['the largest', [2_147_483_647, 1]],
  ['a long tail', Array.from({ length: 1_000 }, (_, n) => Math.round(1.02 ** n / 3))],
])('quantiles are within the stated error: %s', (_name, values) => {
  const sorted = values.toSorted((a, b) => a - b);
  for (const share of [0, 0.5, 0.9, 0.99, 1]) {
    const exact = sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    const [got = 0] = quantiles(sketchOf(values), [share]) ?? [];
    expect(Math.abs(got - exact)).toBeLessThanOrEqual(exact * RELATIVE_ERROR + 1e-6);
  }
});

test('sketches add up in any order to the same, and none has no quantile', () => {
  const [one, other] = [sketchOf([1, 10, 100]), sketchOf([10, 1_000])];
  const sum = sketchOf([]);
  addSketch(sum, other);
  addSketch(sum, one);
  expect(new Map([...sum].sort())).toEqual(new Map([...sketchOf([1, 10, 100, 10, 1_000])].sort()));
  expect(quantiles(new Map(), [0.5])).toBeUndefined();
});

test.each([
  ['2026-11-23T23', '2026-11-24T00'],
  ['2026-02-28T23', '2026-03-01T00'],
  ['2026-12-31T23', '2027-01-01T00'],
])('after %s comes %s', (hour, next) => expect(nextHour(hour)).toBe(next));

test('hours from one on and before the other', () => {
  expect(hoursBetween('2026-11-23T22', '2026-11-24T01')).toEqual(['2026-11-23T22', '2026-11-23T23', '2026-11-24T00']);
  expect(hoursBetween('2026-11-23T22', '2026-11-23T22')).toEqual([]);
});

test.each([
  ['everyone', {}, [0, 1, 2, 3]],
  ['from the first user of a page on', { from: 'f' }, [0, 1, 2, 3]],
  ['from a user within a page on', { from: 'g' }, [2, 3]],
  ['one user on two pages', { only: 'f' }, [0, 1, 2]],
  ['one user before all', { only: 'A' }, []],
  ['one user after all', { only: 'z' }, [3]],
])('pages that may hold %s', (_name, users, pages) => expect(pagesFor(['a', 'f', 'f', 'm'], users)).toEqual(pages));

const head = (span: string): [string, RollupHead] => [span, { span } as RollupHead];
const times = {
  from: '2026-11-22T00',
  before: '2026-11-25T00',
  hourly: false,
  foldedBefore: '2026-11-24T02',
  heads: new Map(['2026-11-22', '2026-11-22T07', '2026-11-23T04', '2026-11-23', '2026-11-24T00'].map(head)),
  marked: new Set<string>(),
};

test.each([
  [
    'whole days, hours, and the ledger for what was not folded',
    {},
    ['2026-11-22', '2026-11-23', '2026-11-24T00'],
    ['24T02-25T00'],
  ],
  [
    'hours of days that are not whole',
    { from: '2026-11-22T05', before: '2026-11-23T05' },
    ['2026-11-22T07', '2026-11-23T04'],
    [],
  ],
  ['hours where they are asked for', { hourly: true, before: '2026-11-23T00' }, ['2026-11-22T07'], []],
  [
    'the ledger for a marked hour, whose day is not used',
    { marked: new Set(['2026-11-23T04', '2026-11-23T05']) },
    ['2026-11-22', '2026-11-24T00'],
    ['23T04-23T06', '24T02-25T00'],
  ],
  ['the ledger alone before the first fold', { foldedBefore: undefined, heads: new Map() }, [], ['22T00-25T00']],
])('a plan takes %s', (_name, change, rollups, ledger) => {
  const plan = planUsage({ ...times, ...change });
  expect(plan.rollups.map(({ span }) => span)).toEqual(rollups);
  expect(plan.ledger.map(({ from, before }) => `${from.slice(8)}-${before.slice(8)}`)).toEqual(ledger);
});
