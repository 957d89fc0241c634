import { describe, expect, test } from 'vitest';
import { viewOf } from '../../shared/limits/admin/limit-view.ts';
import type { LimitWarning } from '../../shared/limits/gate/gate.ts';
import { forecastOf } from '../../shared/limits/state/forecast.ts';
import { foresee } from '../../shared/limits/state/foresee.ts';
import { recordSpend, type SpendPoint, spendPoints } from '../../shared/limits/state/spend-history.ts';
import { costing } from '../support/amounts.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryTables } from '../support/memory-tables.ts';
import { call, makeGate, noon, policy, stateOf, usd } from './helpers.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A point each `everyMs` from noon on; `spentAt`: USD after so many steps. */
const points = (count: number, everyMs: number, spentAt: (step: number) => number): SpendPoint[] =>
  Array.from({ length: count }, (_, step) => ({ atMs: noon + step * everyMs, spent: Number(usd(spentAt(step))) }));

/** A generator of numbers in [0, 1) that is the same at each run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a limit that is spent evenly', () => {
  const history = points(10, 10 * MINUTE_MS, (step) => step * 0.1);
  const nowMs = noon + 90 * MINUTE_MS;
  const at = (maxUsd: number, endMs: number | null = noon + 12 * HOUR_MS) =>
    foresee(history, usd(0.9), { maxNano: usd(maxUsd), nowMs, endMs });

  test('is exhausted when its rate says so', () => {
    const foreseen = at(1.5);
    expect(foreseen).toMatchObject({ perHour: 600_000_000, trend: 'steady' });
    const { likely, from, to } = foreseen?.exhaustedMs ?? {};
    for (const ms of [likely, from, to]) expect(ms).toBeCloseTo(nowMs + HOUR_MS, -4);
    expect(foreseen?.atEnd?.likely).toBeCloseTo(7_200_000_000, -4);
  });

  test('is not exhausted where its period ends before', () => {
    expect(at(8)?.exhaustedMs).toEqual({ likely: null, from: null, to: null });
  });

  test('without a window is foreseen ten times as far as it was seen', () => {
    expect(at(9.8, null)?.exhaustedMs.likely).toBeCloseTo(nowMs + (8.9 / 0.6) * HOUR_MS, -4);
    expect(at(10, null)).toMatchObject({ exhaustedMs: { likely: null }, atEnd: null });
  });
});

test('a rate that rises exhausts a limit earlier than its level says', () => {
  const history = points(20, 10 * MINUTE_MS, (step) => 0.01 * step ** 2);
  const nowMs = noon + 190 * MINUTE_MS;
  const foreseen = foresee(history, usd(3.61), { maxNano: usd(9), nowMs, endMs: noon + 24 * HOUR_MS });
  expect(foreseen?.trend).toBe('rising');
  // 0.01 × 30² = 9: eleven steps after now.
  expect(foreseen?.exhaustedMs.likely).toBeCloseTo(nowMs + 110 * MINUTE_MS, -5);
});

test('a rate that falls is never below 0', () => {
  const history = points(12, 10 * MINUTE_MS, (step) => 2 - 2 * 0.7 ** step);
  const nowMs = noon + 110 * MINUTE_MS;
  const foreseen = foresee(history, usd(1.97), { maxNano: usd(5), nowMs, endMs: noon + 24 * HOUR_MS });
  expect(foreseen?.trend).toBe('falling');
  expect(foreseen?.exhaustedMs.likely).toBeNull();
  expect(foreseen?.atEnd?.from).toBeGreaterThanOrEqual(Number(usd(1.97)));
});

test.each([
  ['nothing is left', points(10, MINUTE_MS, (step) => step), usd(9)],
  ['too few points are known', points(3, MINUTE_MS, (step) => step), usd(20)],
  ['no point is known', [], usd(20)],
])('nothing is foreseen where %s', (_, history, maxNano) => {
  const outlook = { maxNano, nowMs: noon + 10 * MINUTE_MS, endMs: noon + HOUR_MS };
  expect(foresee(history, usd(9), outlook)).toBeUndefined();
});

test('what a correction takes back counts as nothing spent', () => {
  const history = points(8, 10 * MINUTE_MS, (step) => (step === 4 ? 0 : step * 0.1));
  const outlook = { maxNano: usd(5), nowMs: noon + 80 * MINUTE_MS, endMs: noon + 12 * HOUR_MS };
  expect(foresee(history, usd(0.8), outlook)?.perHour).toBeGreaterThan(0);
});

test('the interval has the true time about as often as it says', () => {
  const random = randomOf(21);
  const runs = 400;
  let inside = 0;
  let known = 0;
  for (let run = 0; run < runs; run++) {
    // Calls come by chance, about one in three minutes, and cost from 0 to 0.2 USD.
    let spent = 0;
    let history: string | undefined;
    let exhaustedMs: number | undefined;
    let foreseen: ReturnType<typeof foresee>;
    for (let minute = 0; exhaustedMs === undefined; minute++) {
      const nowMs = noon + minute * MINUTE_MS;
      if (random() < 1 / 3) spent += random() * 0.2;
      if (spent >= 10) exhaustedMs = nowMs;
      if (minute <= 120) history = recordSpend(history, nowMs, usd(spent));
      if (minute === 120)
        foreseen = foresee(spendPoints(history), usd(spent), { maxNano: usd(10), nowMs, endMs: noon + 48 * HOUR_MS });
    }
    const { from, to } = foreseen?.exhaustedMs ?? {};
    if (from === undefined || from === null) continue;
    known++;
    if (from <= exhaustedMs && exhaustedMs <= (to ?? Number.POSITIVE_INFINITY)) inside++;
  }
  expect(known).toBeGreaterThan(0.95 * runs);
  expect(inside / known).toBeGreaterThan(0.7);
  expect(inside / known).toBeLessThan(0.92);
});

describe('the history of a limit', () => {
  test('stays short however long it lasts, and reaches back to its first point', () => {
    let history: string | undefined;
    for (let second = 0; second < 20_000; second++) history = recordSpend(history, noon + second * 1_000, usd(second));
    const kept = spendPoints(history);
    expect(kept.length).toBeGreaterThan(11);
    expect(kept.length).toBeLessThan(25);
    expect(history?.length).toBeLessThan(1_000);
    expect(kept[0]).toEqual({ atMs: noon, spent: 0 });
    expect(kept.at(-1)?.atMs).toBeGreaterThan(noon + 18_000_000);
  });

  test('is the same text while its last point is recent', () => {
    const history = recordSpend(undefined, noon, usd(1));
    expect(recordSpend(history, noon + 1_000, usd(2))).toBe(history);
    expect(spendPoints(recordSpend(history, noon + 2_000, usd(2)))).toHaveLength(2);
  });
});

test('figures are in the unit of the limit', () => {
  const foresight = {
    perHour: 1_500_000_000,
    trend: 'steady',
    exhaustedMs: { likely: noon, from: null, to: null },
    atEnd: { likely: 2_000_000_000, from: 1_000_000_000, to: 3_000_000_000 },
  } as const;
  const at = { likely: '2026-11-23T12:00:00.000Z', from: null, to: null };
  expect(forecastOf('usd', foresight)).toEqual({
    trend: 'steady',
    exhaustedAt: at,
    perHourUsd: 1.5,
    atEndUsd: { likely: 2, from: 1, to: 3 },
  });
  expect(forecastOf('tokens', { ...foresight, atEnd: null })).toEqual({
    trend: 'steady',
    exhaustedAt: at,
    perHour: 1_500_000_000,
    atEnd: null,
  });
});

test('a gate that spends evenly has a forecast in its limit, and in the warnings of its calls', async () => {
  const tables = new MemoryTables();
  const clock = new ManualClock(noon);
  const daily = policy({ maxUsd: 10, threshold: 0.75 });
  const gate = makeGate(tables, { clock, policies: [daily] });
  let warnings: LimitWarning[] = [];
  for (let turn = 0; turn < 16; turn++) {
    const hold = await gate.hold(call(usd(0.5), { occurredAtMs: clock.now() }));
    await hold.settle(costing(usd(0.5)), 'succeeded');
    ({ warnings } = hold);
    await clock.pass(5 * 60_000);
    await gate.tick();
    await gate.writeDown(() => true);
  }
  const view = viewOf('daily:2026-11-23', daily, clock.now(), stateOf(tables));
  // 2 USD are left at 6 USD an hour.
  expect(view.forecast).toMatchObject({ trend: 'steady', perHourUsd: expect.closeTo(6, 0) });
  const likely = Date.parse(view.forecast?.exhaustedAt.likely ?? '');
  expect(Math.abs(likely - clock.now() - 20 * 60_000)).toBeLessThan(5 * 60_000);
  expect(warnings).toMatchObject([{ state: 'exceeded', exhaustedMs: { likely: expect.any(Number) } }]);
});
