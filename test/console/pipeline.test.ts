import { expect, test } from 'vitest';
import { recentDays } from '../../functions/console/views/pipeline/days.ts';
import type { Delivered } from '../../functions/console/views/pipeline/load.ts';
import { deadLettersOf, deliveredFigures, stagesOf } from '../../functions/console/views/pipeline/stages.ts';

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
  expect(
    stagesOf({ groups }, { sent: 7, scored: 4 }).map(({ place, events, since }) => [place, events, since]),
  ).toEqual([
    ['outbox', 0, null],
    ['queue', 1, '2026-11-28T11:00:00Z'],
    ['sent', 7, null],
    ['retry', 5, '2026-11-28T09:00:00Z'],
    ['scored', 4, null],
    ['deadLetters', 0, null],
  ]);
  expect(stagesOf(undefined, undefined).map(({ events }) => events)).toEqual(Array(6).fill(undefined));
  expect(deadLettersOf({ groups: [group('deadLetters', 2, ''), group('deadLetters', 1, '')] })).toBe(3);
  expect(deadLettersOf(undefined)).toBeUndefined();
});

test('what was delivered: calls, and instances of which at least one KPI has a score', () => {
  const row = (requests: number, scored: number[]) =>
    ({ requests, kpis: scored.map((each) => ({ scored: each })) }) as Delivered['rows'][number];
  expect(deliveredFigures({ rows: [row(5, [2, 3]), row(1, [])] })).toEqual({ sent: 6, scored: 3 });
});

test('days are those of UTC, today first', () => {
  const days = recentDays(Date.parse('2026-03-01T00:30:00Z'));
  expect([days[0], days[1], days.length]).toEqual(['2026-03-01', '2026-02-28', 8]);
});
