import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Grouping } from '../../functions/console/views/overview/groupings.ts';
import { loadOverview, type WasDivided } from '../../functions/console/views/overview/load.ts';
import { rangeOf } from '../../functions/console/views/overview/range.ts';

const now = Date.parse('2026-11-16T12:30:00Z');

/** Queries of `GET /api/usage` as they came, and how many were under way together at most. */
let queries: URLSearchParams[];
let atOnce: number;
/** Rows of an answer that is divided by group and time; more than a page has are cut. */
let groups: number;

beforeEach(() => {
  [queries, atOnce, groups] = [[], 0, 3];
  let open = 0;
  vi.stubGlobal('sessionStorage', { getItem: () => null });
  vi.stubGlobal('fetch', async (url: string) => {
    const query = new URL(url, 'http://localhost').searchParams;
    queries.push(query);
    open += 1;
    atOnce = Math.max(atOnce, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    const count = (query.has('groupBy') ? groups : 1) * (query.has('interval') ? 24 : 1);
    const rows = Array.from({ length: Math.min(count, 1_000) }, () => ({}));
    return Response.json({ data: { rows, next: count > 1_000 ? 'more' : null, dimensions: ['user'] } });
  });
});
afterEach(() => void vi.unstubAllGlobals());

async function load(groupBy: Grouping, known: WasDivided): Promise<{ isDivided: boolean; requests: number }> {
  queries = [];
  const asked = { range: rangeOf({}, now), groupBy, filters: {}, now };
  const { isDivided, times } = await loadOverview(asked, known, new AbortController().signal);
  // Never a page of more: a part of the spending would pass for the whole.
  expect(times.length).toBe(isDivided ? groups * 24 : 24);
  return { isDivided, requests: queries.length };
}

test('what has few groups is asked for at once', async () => {
  expect(await load('useCase', new Map())).toEqual({ isDivided: true, requests: 3 });
  expect(atOnce).toBe(3);
});

test('where there can be many groups they are counted first, but not for a refresh', async () => {
  const known: WasDivided = new Map();
  expect(await load('user', known)).toEqual({ isDivided: true, requests: 3 });
  expect(atOnce).toBe(2);
  expect(await load('user', known)).toEqual({ isDivided: true, requests: 3 });
  expect(atOnce).toBe(3);
});

test('a refresh is three requests also where there are more groups than expected', async () => {
  const known: WasDivided = new Map();
  groups = 50;
  expect(await load('useCase', known)).toEqual({ isDivided: false, requests: 4 });
  expect(await load('useCase', known)).toEqual({ isDivided: false, requests: 3 });
  groups = 2;
  expect(await load('useCase', known)).toEqual({ isDivided: false, requests: 3 });
  expect(await load('useCase', known)).toEqual({ isDivided: true, requests: 3 });
});

describe('the days of this month', () => {
  const DAY_MS = 86_400_000;
  const asked: { from: string; interval: string | null }[] = [];
  beforeEach(() => {
    asked.length = 0;
    // Each of two use cases costs 1 USD a day, or each hour.
    vi.stubGlobal('fetch', async (url: string) => {
      const query = new URL(url, 'http://localhost').searchParams;
      const [from = '', to = ''] = [query.get('from') ?? '', query.get('to') ?? ''];
      asked.push({ from, interval: query.get('interval') });
      const rows = [];
      const groups = query.has('groupBy') ? ['finder', 'planner'] : [null];
      const first = Math.floor(Date.parse(from) / DAY_MS) * DAY_MS;
      for (let at = first; at < Date.parse(to); at += DAY_MS)
        for (const useCase of groups)
          rows.push({ start: new Date(at).toISOString(), useCase, estimatedUsd: useCase === null ? 2 : 1 });
      return Response.json({ data: { rows, next: null, dimensions: [] } });
    });
  });

  test.each([
    ['30d', '2026-11-16T00:00:00.000Z'],
    ['month', '2026-11-16T00:00:00.000Z'],
    ['24h', '2026-11-01T00:00:00.000Z'],
  ])('of %s are asked for from %s on, and come to the same', async (name, from) => {
    const range = rangeOf({ range: name }, now);
    const asking = { range, groupBy: 'useCase' as const, filters: {}, now };
    const { month, today } = await loadOverview(asking, new Map(), new AbortController().signal);
    expect(asked[0]).toEqual({ from, interval: 'day' });
    expect(month).toHaveLength(16);
    expect(month.every(({ usd }) => usd === 2)).toBe(true);
    expect(today?.estimatedUsd).toBe(2);
  });

  test('are asked for where a marked time ends before now', async () => {
    const range = rangeOf({ from: '2026-10-01T00:00:00Z', to: '2026-11-10T00:00:00Z' }, now);
    const asking = { range, groupBy: 'useCase' as const, filters: {}, now };
    const { month } = await loadOverview(asking, new Map(), new AbortController().signal);
    expect([range.interval, asked[0]?.from, month.length]).toEqual(['day', '2026-11-01T00:00:00.000Z', 16]);
  });
});
