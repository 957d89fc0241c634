import { expect, test } from 'vitest';
import { hrefOf, placeOf } from '../../functions/console/data/place.ts';
import { asQuery, filtersOf, groupingNamed, groupingsOf } from '../../functions/console/views/overview/groupings.ts';
import { monthSpend } from '../../functions/console/views/overview/projection.ts';
import { rangeOf, timesOf } from '../../functions/console/views/overview/range.ts';
import { unitSums } from '../../functions/console/views/overview/units.ts';

const now = Date.parse('2026-11-16T12:30:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();

test.each([
  ['24h', '2026-11-15T13:00:00.000Z', 'hour', 24],
  ['7d', '2026-11-09T13:00:00.000Z', 'hour', 168],
  ['30d', '2026-10-18T00:00:00.000Z', 'day', 30],
  ['month', '2026-11-01T00:00:00.000Z', 'day', 16],
  ['year', '2025-11-17T00:00:00.000Z', 'day', 365],
  ['unknown', '2026-11-15T13:00:00.000Z', 'hour', 24],
])('the range %s begins at %s, in whole parts by %s', (range, from, interval, parts) => {
  const found = rangeOf({ range }, now);
  expect([iso(found.from), found.interval, found.to]).toEqual([from, interval, now]);
  expect(timesOf(found)).toHaveLength(parts);
});

test('two times of the address are a range, of whole hours and not beyond now', () => {
  const found = rangeOf({ from: '2026-11-16T09:20:00Z', to: '2026-11-17T09:20:00Z' }, now);
  expect([found.name, iso(found.from), found.to]).toEqual(['custom', '2026-11-16T09:00:00.000Z', now]);
  expect(rangeOf({ from: '2026-11-16T09:20:00Z', to: 'x' }, now).name).toBe('24h');
});

test('properties of the app are groupings too, and filters by them go together', () => {
  const names = groupingsOf(['user', 'property.region']).map(([name, word]) => `${name}: ${word}`);
  expect(names).toContain('property.region: region');
  expect(names.filter((name) => name.startsWith('user:'))).toHaveLength(1);
  expect([groupingNamed('property.region'), groupingNamed('nothing'), groupingNamed()]).toEqual([
    'property.region',
    'useCase',
    'useCase',
  ]);
  const filters = filtersOf({ by: 'user', user: 'sam', 'property.region': 'utah', 'property.tier': '1' });
  expect(asQuery(filters)).toEqual({ user: 'sam', properties: '{"region":"utah","tier":"1"}' });
  expect(asQuery({ user: 'sam' })).toEqual({ user: 'sam' });
});

test('a month is projected at its pace, but not on its first day', () => {
  const days = [
    { start: '2026-11-01T00:00:00.000Z', usd: 20 },
    { start: '2026-11-16T00:00:00.000Z', usd: 11 },
  ];
  const noon = Date.parse('2026-11-16T12:00:00Z');
  expect(monthSpend(days, noon)).toEqual({ today: 11, month: 31, projected: 60 });
  expect(monthSpend(days.slice(0, 1), Date.parse('2026-11-01T10:00:00Z'))).toEqual({
    today: 20,
    month: 20,
    projected: null,
  });
});

test('tokens by kind, with their shares of all tokens in the same direction', () => {
  const rows = [
    { units: { text: { input: 60, output: 10 }, text_cache_read: { input: 30, output: 0 } } },
    { units: { text: { input: 10, output: 0 }, web_search_request: { input: 0, output: 5 } } },
  ];
  expect(unitSums(rows)).toEqual([
    { unit: 'text', input: 70, output: 10, inputShare: 0.7, outputShare: 1 },
    { unit: 'text_cache_read', input: 30, output: 0, inputShare: 0.3, outputShare: 0 },
    { unit: 'web_search_request', input: 0, output: 5, inputShare: null, outputShare: null },
  ]);
  expect(unitSums([])).toEqual([]);
});

test('a place and its address are the same', () => {
  const place = { view: 'limits', query: { id: 'a:b/ü&=' } };
  expect(placeOf(new URL(hrefOf(place), 'http://localhost'))).toEqual(place);
  expect(placeOf(new URL('http://localhost/console'))).toEqual({ view: 'overview', query: {} });
  expect(hrefOf({ view: 'overview', query: { by: undefined, user: '' } })).toBe('/console/overview');
});
