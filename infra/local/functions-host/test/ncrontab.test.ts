import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextOccurrence, parseSchedule } from '../src/ncrontab.ts';

const next = (expression: string, after: string) => {
  const ms = nextOccurrence(parseSchedule(expression), Date.parse(after));
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe('NCRONTAB', () => {
  const rows: [expression: string, after: string, next: string | undefined][] = [
    ['0 */5 * * * *', '2026-11-23T10:00:00Z', '2026-11-23T10:05:00.000Z'],
    ['0 */5 * * * *', '2026-11-23T10:04:59.999Z', '2026-11-23T10:05:00.000Z'],
    ['*/10 * * * * *', '2026-11-23T23:59:55Z', '2026-11-24T00:00:00.000Z'],
    ['0 30 9 * * Mon-Fri', '2026-11-20T09:30:00Z', '2026-11-23T09:30:00.000Z'],
    ['0 0 0 1 Jan *', '2026-11-23T00:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['0 0 0 29 2 *', '2026-11-23T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 0 30 2 *', '2026-11-23T00:00:00Z', undefined],
    // Both day and weekday must match: the next 13th that is a Friday.
    ['0 0 0 13 * 5', '2026-11-14T00:00:00Z', '2027-08-13T00:00:00.000Z'],
    ['0 5/20 8-9 * * *', '2026-11-23T08:45:00Z', '2026-11-23T09:05:00.000Z'],
    ['1,2,30 0 0 * * *', '2026-11-23T00:00:02Z', '2026-11-23T00:00:30.000Z'],
    ['*/15 * * * *', '2026-11-23T10:01:00Z', '2026-11-23T10:15:00.000Z'],
  ];
  for (const [expression, after, expected] of rows) {
    it(`${expression} after ${after}: ${expected}`, () => expect(next(expression, after)).toBe(expected));
  }

  for (const wrong of [
    '',
    '* * * *',
    '60 * * * * *',
    '0 0 24 * * *',
    '0 0 0 0 * *',
    '0 0 0 * 13 *',
    '5-1 * * * * *',
    '*/0 * * * * *',
    'a * * * * *',
    '0 0 0 * * 7',
    '* * * * * * *',
  ]) {
    it(`refuses "${wrong}"`, () => expect(() => parseSchedule(wrong)).toThrow(/Schedule/));
  }

  it('finds the first second that matches, and none before', () => {
    const field = (max: number) => fc.oneof(fc.constant('*'), fc.integer({ min: 0, max }).map(String));
    fc.assert(
      fc.property(field(59), field(59), fc.integer({ min: 0, max: 200_000 }), (second, minute, offset) => {
        const after = Date.UTC(2026, 1, 27, 21) + offset * 977;
        const found = nextOccurrence(parseSchedule(`${second} ${minute} * * * *`), after);
        const matches = (ms: number) =>
          (second === '*' || new Date(ms).getUTCSeconds() === Number(second)) &&
          (minute === '*' || new Date(ms).getUTCMinutes() === Number(minute));
        let expected = Math.floor(after / 1000) * 1000 + 1000;
        while (!matches(expected)) expected += 1000;
        expect(found).toBe(expected);
      }),
    );
  });
});
