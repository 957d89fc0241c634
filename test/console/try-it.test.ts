import { expect, test } from 'vitest';
import { wordsOf } from '../../functions/console/format/words.ts';
import { byDay } from '../../functions/console/views/try-it/days.ts';

test('waypoints stand by their days, those without one last', () => {
  const points = [{ name: 'c', day: 2 }, { name: 'x' }, { name: 'a', day: 1 }, { name: 'd', day: 2 }];
  expect(byDay(points).map(({ day, points: ofDay }) => [day, ofDay.map(({ name }) => name).join('')])).toEqual([
    [1, 'a'],
    [2, 'cd'],
    [null, 'x'],
  ]);
});

test.each([
  ['recommendedTirePressure', 'Recommended tire pressure'],
  ['not-recommended', 'Not recommended'],
  ['use_case_id', 'Use case id'],
])('%s in words', (name, words) => {
  expect(wordsOf(name)).toBe(words);
});
