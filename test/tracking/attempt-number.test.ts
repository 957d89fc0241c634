import { expect, test } from 'vitest';
import { repeatsWithinMs } from '../../shared/tracking/attempt-number.ts';

const clock = { now: () => Date.UTC(2026, 10, 25), sleep: async () => undefined };
const within = (answer: Response | undefined, attempt = 1, maxRetries = 2) =>
  repeatsWithinMs(answer, attempt, maxRetries, clock);
const answerOf = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });

test.each<[string, Response | undefined, number]>([
  ['no answer', undefined, 13_000],
  ['a success', answerOf(200), 0],
  ['a success that a header would repeat', answerOf(200, { 'x-should-retry': 'true' }), 0],
  ['a wrong request', answerOf(400), 0],
  ['a budget, repeated on demand', answerOf(402, { 'x-should-retry': 'true' }), 13_000],
  ['a conflict', answerOf(409), 13_000],
  ['overloaded', answerOf(529), 13_000],
  ['overloaded, not to be repeated', answerOf(529, { 'x-should-retry': 'false' }), 0],
  ['seconds', answerOf(429, { 'retry-after': '30' }), 35_000],
  ['milliseconds win', answerOf(429, { 'retry-after': '30', 'retry-after-ms': '1500' }), 6_500],
  ['a date', answerOf(429, { 'retry-after': 'Wed, 25 Nov 2026 00:01:00 GMT' }), 65_000],
  ['a date that has passed', answerOf(429, { 'retry-after': 'Tue, 24 Nov 2026 00:01:00 GMT' }), 13_000],
  ['no time at all', answerOf(429, { 'retry-after': 'soon' }), 13_000],
  ['longer than a timer can wait', answerOf(429, { 'retry-after': '99999999' }), 2_147_483_647],
])('%s', (_name, answer, expected) => {
  expect(within(answer)).toBe(expected);
});

test('the last attempt is not repeated', () => {
  expect([within(answerOf(500), 2), within(answerOf(500), 3), within(undefined, 1, 0)]).toEqual([13_000, 0, 0]);
});
