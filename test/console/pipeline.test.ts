import { expect, test } from 'vitest';
import { recentDays } from '../../functions/console/views/pipeline/days.ts';
import { stagesOf } from '../../functions/console/views/pipeline/stages.ts';

const group = (place: 'outbox' | 'queue' | 'retry' | 'deadLetters', events: number, since: string) => ({
  place,
  kind: 'usage' as const,
  useCaseName: null,
  why: null,
  events,
  since,
});

test('every place is a stage, with its events and the oldest of them', () => {
  const groups = [
    group('retry', 2, '2026-11-28T10:00:00Z'),
    group('retry', 3, '2026-11-28T09:00:00Z'),
    group('queue', 1, '2026-11-28T11:00:00Z'),
  ];
  expect(stagesOf({ groups }).map(({ place, events, since }) => [place, events, since])).toEqual([
    ['outbox', 0, null],
    ['queue', 1, '2026-11-28T11:00:00Z'],
    ['retry', 5, '2026-11-28T09:00:00Z'],
    ['deadLetters', 0, null],
  ]);
  expect(stagesOf(undefined)).toHaveLength(4);
});

test('days are those of UTC, today first', () => {
  const days = recentDays(Date.parse('2026-03-01T00:30:00Z'));
  expect([days[0], days[1], days.length]).toEqual(['2026-03-01', '2026-02-28', 8]);
});
