import { expect, test } from 'vitest';
import { degrees, difficultyOf, inUnit, outOf, pressuresInPsi } from '../../shared/trails/reading/quantities.ts';

test.each([
  ['3', 3],
  [' 3.5 ', 3.5],
  ['−2', -2],
  ['2,500', 2_500],
  ['3,5', 3.5],
  ['2,500 ft', 2_500],
  ['about 900 feet', 900],
  ['1200 m', 3_937],
  ['1.2 km', '1.2 km'],
  ['12-15', '12-15'],
  ['12 to 15 feet', '12 to 15 feet'],
  ['12 parsecs', '12 parsecs'],
  ['', ''],
  ['high', 'high'],
  [null, null],
  [{ value: 300, unit: 'meters' }, 984.3],
])('%j in feet', (said, expected) => {
  expect(inUnit('feet')(said)).toEqual(expected);
});

test('other units', () => {
  expect([inUnit('miles')('10 km'), inUnit('hours')('90 min'), inUnit('hours')('2 h')]).toEqual([6.2, 1.5, 2]);
  expect([inUnit('psi')('1.8 bar'), inUnit('psi')('180 kPa'), inUnit('psi')('22 PSI')]).toEqual([26.1, 26.1, 22]);
  expect(inUnit()('4 apples')).toBe('4 apples');
});

test.each([
  ['in bar', { front: 1.8, rear: '2', unit: 'bar' }, { front: '1.8 bar', rear: '2 bar', unit: 'psi' }],
  ['in kPa', { front: 180, rear: 180, unit: 'kPa' }, { front: '180 kPa', rear: '180 kPa', unit: 'psi' }],
  ['each with its own', { Front: '1.8 bar', rear: 22 }, { front: '1.8 bar', rear: '22 psi' }],
  ['a text', '22 psi', '22 psi'],
])('pressures %s', (_name, said, expected) => {
  expect(pressuresInPsi(said)).toEqual(expected);
});

test.each([
  ['4/5', 4],
  ['4 / 5', 4],
  ['4 out of 5', 4],
  ['3.5 of 5', 3.5],
  ['4', 4],
  ['8/10', '8/10'],
  [4, 4],
])('%j of five', (said, expected) => {
  expect(outOf(5)(said)).toBe(expected);
});

test.each([
  ['Very difficult', 4],
  ['very-difficult', 4],
  ['4 - very difficult', 4],
  ['3 (difficult)', 3],
  ['5: Extreme', 5],
  ['2 - extreme', '2 - extreme'],
  ['hard', 'hard'],
  ['3-4', '3-4'],
  ['not easy', 'not easy'],
  ['4/5', 4],
  [2, 2],
])('difficulty %j', (said, expected) => {
  expect(difficultyOf(said)).toBe(expected);
});

test.each<['lat' | 'lng', unknown, unknown]>([
  ['lat', '35.2', 35.2],
  ['lat', '35,2', 35.2],
  ['lat', '35.2° N', 35.2],
  ['lat', '35.2S', -35.2],
  ['lat', '-35.2 S', -35.2],
  ['lat', '-35.2 N', '-35.2 N'],
  ['lat', '35.2 W', '35.2 W'],
  ['lat', `35°30'N`, 35.5],
  ['lat', `35°30'36"N`, 35.51],
  ['lat', 91, 91],
  ['lng', '116.5 W', -116.5],
  ['lng', 180.1, -179.9],
  ['lng', -190, 170],
  ['lng', 243, -117],
  ['lng', 361, 361],
  ['lng', 180, 180],
  ['lng', 'west', 'west'],
])('%s %j', (axis, said, expected) => {
  expect(degrees(axis)(said)).toBe(expected);
});
