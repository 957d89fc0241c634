import { expect, test } from 'vitest';
import { finderShape } from '../../shared/trails/finder/answer.ts';
import { mend } from '../../shared/trails/reading/mend.ts';
import { readShape } from '../../shared/trails/reading/shape.ts';
import { found, trail } from './right-answers.ts';

const other = { ...trail, name: 'Fins and Things' };
const mended = (first: unknown[], second: unknown[]) => {
  const read = (recommendations: unknown[]) => readShape(finderShape, { ...found, recommendations });
  const { value, problems } = mend(read(first), read(second));
  return { trails: value?.recommendations, problems: problems.map(({ path }) => path.join('.')) };
};

test('a place that only the second could be read at is taken from it', () => {
  const { trails, problems } = mended([{ ...trail, difficulty: 'hard' }], [{ ...trail, difficulty: 3, warnings: [] }]);
  expect([trails, problems]).toEqual([[{ ...trail, difficulty: 3 }], []]);
});

test.each([
  ['fewer items', [{ ...trail, difficulty: 3 }]],
  ['the items in another order', [other, { ...trail, difficulty: 3 }]],
  ['the same problem', [{ ...trail, difficulty: 0 }, other]],
  ['a problem around it', [null, other]],
])('a second answer with %s fills in nothing', (_name, second) => {
  const { trails, problems } = mended([{ ...trail, difficulty: 'hard' }, other], second);
  expect([trails, problems]).toEqual([[{ ...trail, difficulty: 5 }, other], ['recommendations.0.difficulty']]);
});

test('an item that was unknown as a whole comes from the second, with its own problems', () => {
  const { trails, problems } = mended([trail, null], [trail, { ...other, difficulty: 0 }]);
  expect([trails, problems]).toEqual([[trail, { ...other, difficulty: 5 }], ['recommendations.1.difficulty']]);
});

test('an empty list of warnings does not take the place of unknown ones', () => {
  const { trails, problems } = mended([{ ...trail, warnings: [{ a: 1 }] }], [{ ...trail, warnings: [] }]);
  expect([trails?.[0]?.warnings.length, problems]).toEqual([1, ['recommendations.0.warnings.0']]);
});

test('a first answer that could not be read at all leaves it to the second', () => {
  const second = readShape(finderShape, found);
  expect(mend(readShape(finderShape, 'no'), second)).toEqual(second);
  expect(mend(second, readShape(finderShape, 'no'))).toEqual(second);
});
