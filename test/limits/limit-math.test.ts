import { describe, expect, test } from 'vitest';
import type { Policy } from '../../shared/limits/policies/policy.ts';
import {
  amountsOf,
  enforces,
  larger,
  levelOf,
  lowerShare,
  moveLevel,
  planSync,
  roomOf,
  type SyncRequest,
  samePlan,
  shareOf,
  smaller,
  smallerOf,
  spentOf,
} from '../../shared/limits/state/limit-math.ts';
import { newAllocation, newState, type StateRow } from '../../shared/limits/state/limit-rows.ts';
import { usd } from './helpers.ts';

const NOW_MS = 1_000_000;
const state = (facts: Partial<StateRow> = {}): StateRow => ({
  ...newState('daily'),
  maxNano: 100n,
  warnNano: 80n,
  ...facts,
});
const slice = (amountNano = 0n, idleNano = 0n, ownSettledNano = 0n) => ({
  ...newAllocation('daily', 'me'),
  ...{ amountNano, idleNano, ownSettledNano },
});
const request = (facts: Partial<SyncRequest> = {}): SyncRequest => ({
  ...{ maxNano: 100n, warnNano: 80n, enforced: true, ownSettledNano: 0n, inFlightNano: 0n, missedNano: 0n },
  ...{ wants: [], spareNano: 0n, leastSpareNano: 0n, nowMs: NOW_MS },
  ...facts,
});
const policy = (facts: object): Policy =>
  ({ unit: 'usd', maxUsd: 5, type: 'block', shadow: false, ...facts }) as unknown as Policy;

test('amounts of a policy', () => {
  expect(amountsOf(policy({}))).toEqual({ maxNano: usd(5), warnNano: usd(5), alertAt: '' });
  const alerting = policy({ threshold: 0.8, alerts: [0.29, 0.58, 0.95] });
  expect(amountsOf(alerting)).toEqual({ maxNano: usd(5), warnNano: usd(4), alertAt: '29,58,95' });
  expect(amountsOf(policy({ unit: 'tokens', max: 1_000, threshold: 0.9 }))).toMatchObject({
    maxNano: 1_000n,
    warnNano: 900n,
  });
});

test.each([
  [{}, true],
  [{ type: 'allow' }, false],
  [{ shadow: true }, false],
  [{ type: 'allow', shadow: true }, false],
])('a policy %j can refuse: %j', (facts, expected) => {
  expect(enforces(policy(facts))).toBe(expected);
});

test.each([
  ['what we settled', { settledNano: 7n }, 7n],
  ['the figure of Pay-i', { settledNano: 7n, payiNano: 9n, payiReportedNano: 7n }, 9n],
  ['that, and what it cannot have seen', { settledNano: 7n, payiNano: 9n, payiReportedNano: 3n }, 13n],
  ['what we settled where Pay-i says less', { settledNano: 7n, payiNano: 2n, payiReportedNano: 5n }, 7n],
  ['nothing less where Pay-i has seen more', { settledNano: 7n, payiNano: 9n, payiReportedNano: 20n }, 9n],
])('spent is %s', (_name, facts, spent) => {
  expect(spentOf(state(facts))).toBe(spent);
});

test.each([
  [
    'what others hold and use is not left',
    { settledNano: 30n, heldNano: 50n, idleNano: 20n },
    { spentNano: 30n, heldNano: 30n, leftNano: 40n },
  ],
  ['nothing is left', { settledNano: 80n, heldNano: 20n }, { spentNano: 80n, heldNano: 20n, leftNano: 0n }],
  ['nor less than nothing', { settledNano: 90n, heldNano: 20n }, { spentNano: 90n, heldNano: 20n, leftNano: 0n }],
])('room: %s', (_name, facts, room) => {
  expect(roomOf(state(facts), 100n)).toEqual(room);
});

test.each([
  [0n, 0],
  [79n, 0],
  [80n, 1],
  [100n, 1],
  [101n, 2],
])('%i of 100 with a threshold of 80 is level %i', (spent, level) => {
  expect(levelOf(spent, { maxNano: 100n, warnNano: 80n })).toBe(level);
});

test.each([
  [undefined, 99n, 0],
  ['', 99n, 0],
  ['50,80', 49n, 0],
  ['50,80', 50n, 50],
  ['50,80', 79n, 50],
  ['50,80', 80n, 80],
])('of the shares %j, %i of 100 has reached %i', (alertAt, spent, share) => {
  expect(shareOf(spent, { ...(alertAt !== undefined && { alertAt }), maxNano: 100n })).toBe(share);
});

describe('a write of a slice', () => {
  test('of a process that is new: what it settled and holds', () => {
    const plan = planSync(state(), slice(), request({ ownSettledNano: 5n, inFlightNano: 7n, missedNano: 2n }));
    expect(plan.state).toMatchObject({
      settledNano: 5n,
      heldNano: 7n,
      idleNano: 0n,
      missedNano: 2n,
      figuresAtMs: NOW_MS,
    });
    expect(plan.slice).toMatchObject({ amountNano: 7n, idleNano: 0n, ownSettledNano: 5n });
    expect(plan).toMatchObject({ granted: [], leftNano: 88n, spentNano: 5n, elsewhereNano: 0n, idleElsewhereNano: 0n });
  });

  test('of one that stands: only what it settled since is added', () => {
    const before = state({ settledNano: 20n, heldNano: 30n, idleNano: 9n, missedNano: 1n });
    const plan = planSync(
      before,
      slice(10n, 4n, 5n),
      request({ ownSettledNano: 8n, inFlightNano: 3n, missedNano: 2n }),
    );
    expect(plan.state).toMatchObject({ settledNano: 23n, heldNano: 23n, idleNano: 5n, missedNano: 3n });
    expect(plan).toMatchObject({ spentNano: 23n, elsewhereNano: 20n, idleElsewhereNano: 5n, leftNano: 54n });
  });

  test('grants in order what fits', () => {
    const before = state({ settledNano: 20n, heldNano: 30n });
    const plan = planSync(
      before,
      slice(10n),
      request({ inFlightNano: 10n, wants: [30n, 21n, 20n, 1n], spareNano: 99n }),
    );
    expect(plan.granted).toEqual([true, false, true, false]);
    expect(plan.slice).toMatchObject({ amountNano: 60n, idleNano: 0n });
    expect(plan.state.heldNano).toBe(80n);
    expect(plan.leftNano).toBe(0n);
  });

  test('sets a sixteenth of the room aside, where that is worth it', () => {
    const spare = (facts: Partial<SyncRequest>) => planSync(state(), slice(), request({ maxNano: 200n, ...facts }));
    expect(spare({ spareNano: 50n }).slice).toMatchObject({ amountNano: 12n, idleNano: 12n });
    expect(spare({ spareNano: 50n }).leftNano).toBe(188n);
    expect(spare({ spareNano: 50n }).state).toMatchObject({ heldNano: 12n, idleNano: 12n });
    expect(spare({ spareNano: 5n }).slice.idleNano).toBe(5n);
    expect(spare({ spareNano: 50n, leastSpareNano: 12n }).slice.idleNano).toBe(12n);
    expect(spare({ spareNano: 50n, leastSpareNano: 13n }).slice.idleNano).toBe(0n);
    expect(spare({ spareNano: 50n, wants: [10n] }).slice).toMatchObject({ amountNano: 21n, idleNano: 11n });
    expect(spare({ spareNano: 50n, wants: [201n] }).slice.idleNano).toBe(0n);
    expect(spare({ spareNano: 50n, enforced: false }).slice).toMatchObject({ amountNano: 0n, idleNano: 0n });
  });

  test('sets nothing aside beyond the maximum', () => {
    const plan = planSync(state({ settledNano: 150n }), slice(), request({ spareNano: 50n, leastSpareNano: -99n }));
    expect(plan.slice).toMatchObject({ amountNano: 0n, idleNano: 0n });
    expect(plan.leftNano).toBe(-50n);
  });

  test('of a limit that holds nothing: costs alone', () => {
    const plan = planSync(
      state(),
      slice(),
      request({ enforced: false, inFlightNano: 99n, ownSettledNano: 4n, wants: [96n, 1n] }),
    );
    expect(plan).toMatchObject({ granted: [true, false], leftNano: 0n });
    expect(plan.state).toMatchObject({ heldNano: 0n, settledNano: 4n });
  });

  test('keeps whose the limit is, its alerts and its history', () => {
    const before = state({ whose: 'a', alertAt: '50', history: 'x' });
    const history = JSON.stringify({ everyMs: 2_000, points: [[NOW_MS, 0]] });
    const kept = planSync({ ...before, history }, slice(), request({ alertAt: '50' })).state;
    expect(kept).toMatchObject({ whose: 'a', alertAt: '50', history });
    const other = planSync({ ...before, history: '' }, slice(), request({ whose: 'b', alertAt: '80' })).state;
    expect(other).toMatchObject({ whose: 'b', alertAt: '80', history });
    expect(planSync({ ...before, history: '' }, slice(), request()).state.alertAt).toBe('');
    expect('alertAt' in planSync(state(), slice(), request()).state).toBe(false);
  });

  test('moves the level and the maximum', () => {
    const plan = planSync(
      state({ maxNano: 50n, warnNano: 40n }),
      slice(),
      request({ ownSettledNano: 80n, alertAt: '70' }),
    );
    expect(plan.crossed).toBe(1);
    expect(plan.state).toMatchObject({ maxNano: 100n, warnNano: 80n, level: 1, levelAtMs: NOW_MS, share: 70 });
  });
});

describe('a level', () => {
  const moved = (facts: Partial<StateRow>, spent: bigint, maxBefore = 100n) => {
    const next = state(facts);
    return { crossed: moveLevel(next, maxBefore, spent, NOW_MS), next };
  };

  test('rises, and is reported once', () => {
    const { crossed, next } = moved({}, 80n);
    expect([crossed, next.level, next.levelAtMs]).toEqual([1, 1, NOW_MS]);
    expect(moved({ level: 1 }, 80n).crossed).toBeUndefined();
    expect(moved({ level: 1 }, 101n)).toMatchObject({ crossed: 2, next: { level: 2 } });
  });

  test('falls by itself only where the maximum was raised', () => {
    expect(moved({ level: 2, announced: 2 }, 10n)).toMatchObject({
      crossed: undefined,
      next: { level: 2, announced: 2 },
    });
    expect(moved({ level: 2, announced: 2 }, 10n, 101n).next.level).toBe(2);
    expect(moved({ level: 2, announced: 2 }, 10n, 99n)).toMatchObject({
      crossed: undefined,
      next: { level: 0, announced: 0 },
    });
    expect(moved({ level: 2, announced: 2 }, 80n, 99n).next).toMatchObject({ level: 1, announced: 1 });
    expect(moved({ level: 1, announced: 0 }, 80n, 99n).next).toMatchObject({ level: 1, announced: 0 });
  });

  test('is of the later time where a share was reached before', () => {
    expect(moved({ shareAtMs: NOW_MS + 5 }, 80n).next.levelAtMs).toBe(NOW_MS + 5);
  });

  test('has shares that rise, each reported once', () => {
    const alertAt = '50,70';
    expect(moved({ alertAt }, 50n)).toMatchObject({ crossed: 0, next: { share: 50, shareAtMs: NOW_MS } });
    expect(moved({ alertAt, share: 50 }, 60n).crossed).toBeUndefined();
    expect(moved({ alertAt, share: 50 }, 70n)).toMatchObject({ crossed: 0, next: { share: 70 } });
    expect(moved({ alertAt, levelAtMs: NOW_MS + 5 }, 50n).next.shareAtMs).toBe(NOW_MS + 6);
    expect(moved({ alertAt, shareAtMs: NOW_MS + 5 }, 80n).next).toMatchObject({
      levelAtMs: NOW_MS + 5,
      shareAtMs: NOW_MS + 5,
    });
  });

  test('has shares that fall where the maximum was raised', () => {
    const facts = { alertAt: '50,70', share: 70, shareAnnounced: 70 };
    expect(moved(facts, 50n, 99n).next).toMatchObject({ share: 50, shareAnnounced: 50 });
    expect(moved(facts, 50n).next).toMatchObject({ share: 70, shareAnnounced: 70 });
    expect(moved(facts, 70n, 99n).next).toMatchObject({ share: 70, shareAnnounced: 70 });
  });
});

test('a share is lowered, never raised', () => {
  const lowered = (facts: Partial<StateRow>) => {
    const next = state(facts);
    lowerShare(next, 50);
    return [next.share, next.shareAnnounced];
  };
  expect(lowered({})).toEqual([undefined, undefined]);
  expect(lowered({ share: 40 })).toEqual([40, 0]);
  expect(lowered({ share: 80, shareAnnounced: 20 })).toEqual([50, 20]);
  expect(lowered({ share: 80, shareAnnounced: 80 })).toEqual([50, 50]);
});

describe('a plan that changes', () => {
  const before = state({ settledNano: 20n, heldNano: 10n, alertAt: '', level: 0 });
  const mine = slice(10n, 0n, 5n);
  const same = (facts: Partial<SyncRequest>) =>
    samePlan(before, mine, planSync(before, mine, request({ ownSettledNano: 5n, inFlightNano: 10n, ...facts })));
  test.each<[string, Partial<SyncRequest>, boolean]>([
    ['nothing', {}, true],
    ['only the time', { nowMs: NOW_MS + 1 }, true],
    ['what is settled', { ownSettledNano: 6n }, false],
    ['what is held', { inFlightNano: 11n }, false],
    ['what is set aside', { spareNano: 1n }, false],
    ['what was missed', { missedNano: 1n }, false],
    ['the maximum', { maxNano: 101n }, false],
    ['the threshold', { warnNano: 81n }, false],
    ['the alerts', { alertAt: '50' }, false],
  ])('%s', (_name, facts, expected) => {
    expect(same(facts)).toBe(expected);
  });

  test('only how much of it is in use', () => {
    const plan = planSync(before, mine, request({ ownSettledNano: 5n, inFlightNano: 9n, spareNano: 1n }));
    expect(plan.slice).toMatchObject({ amountNano: 10n, idleNano: 1n });
    expect(samePlan(before, mine, plan)).toBe(false);
  });

  test('only the level or the share', () => {
    const plan = planSync(before, mine, request({ ownSettledNano: 5n, inFlightNano: 10n }));
    expect(samePlan({ ...before, level: 1 }, mine, plan)).toBe(false);
    expect(samePlan({ ...before, share: 50 }, mine, plan)).toBe(false);
  });
});

test('the larger and the smaller of two', () => {
  expect([larger(1n, 2n), larger(2n, 1n), smaller(1n, 2n), smaller(2n, 1n)]).toEqual([2n, 2n, 1n, 1n]);
  expect([smallerOf(undefined, 2n), smallerOf(1n, undefined), smallerOf(1n, 2n), smallerOf(2n, 1n)]).toEqual([
    2n,
    1n,
    1n,
    1n,
  ]);
  expect(smallerOf(undefined, undefined)).toBeUndefined();
});
