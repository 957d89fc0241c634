import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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
