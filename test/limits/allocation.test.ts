import { describe, expect, test } from 'vitest';
import { Allocation, AllocationLostError } from '../../shared/limits/allocation/allocation.ts';
import { RecentDemand } from '../../shared/limits/allocation/recent-demand.ts';
import { SyncInterval } from '../../shared/limits/allocation/sync-interval.ts';
import { type AllocationRow, newAllocation } from '../../shared/limits/state/limit-rows.ts';
import { usd } from './helpers.ts';

const clock = { now: () => 0 };
const row = (amount: number, own = 0): AllocationRow => ({
  ...newAllocation('daily', 'me'),
  amountNano: usd(amount),
  ownSettledNano: usd(own),
});
function sliceOf(amount: number): Allocation {
  const slice = new Allocation('daily', 'me', clock);
  slice.found(row(amount));
  return slice;
}

describe('what may be taken of a slice', () => {
  test('is what calls in flight and costs that are not written leave', () => {
    const slice = sliceOf(5);
    slice.take(usd(2));
    slice.take(usd(1));
    slice.settle(usd(2), usd(0.5));
    expect([slice.available, slice.unwritten]).toEqual([usd(3.5), usd(0.5)]);
    slice.release(usd(1));
    expect(slice.available).toBe(usd(4.5));
  });

  test('is nothing before it is known, and after a removal', () => {
    expect(new Allocation('daily', 'me', clock).available).toBe(-1n);
    const slice = sliceOf(1);
    slice.begin(undefined, 0n);
    expect(slice.available).toBe(-1n);
    slice.written();
    expect([slice.available, slice.exists]).toEqual([-1n, false]);
  });

  test('is the least of what may be in the table while a write is under way, and without an answer', () => {
    const slice = sliceOf(1);
    slice.begin(row(3), usd(0.5));
    expect(slice.available).toBe(usd(0.5));
    slice.unanswered();
    expect(slice.available).toBe(usd(1));
    slice.found(row(3));
    expect(slice.available).toBe(usd(3));
  });

  test('is as before when a write is refused', () => {
    const slice = sliceOf(2);
    slice.begin(row(1), usd(1));
    slice.refused();
    expect([slice.available, slice.inFlight]).toEqual([usd(2), 0n]);
  });

  test('counts what a write granted', () => {
    const slice = sliceOf(1);
    slice.begin(row(4), usd(3));
    slice.written();
    expect([slice.inFlight, slice.available]).toEqual([usd(3), usd(1)]);
  });
});

test('costs that went with a removal without an answer are not counted twice', () => {
  const slice = sliceOf(1);
  slice.take(usd(1));
  slice.settle(usd(1), usd(0.75));
  slice.begin(undefined, 0n);
  slice.unanswered();
  slice.found(undefined);
  expect(slice.ownSettled).toBe(0n);
});

test('what a call missed is written once, also by a write without an answer', () => {
  const slice = sliceOf(1);
  slice.take(usd(1));
  slice.settle(usd(1), usd(1.5));
  slice.begin(row(1, 1.5), 0n);
  slice.unanswered();
  slice.found(row(1));
  expect(slice.missed).toBe(usd(0.5));
  slice.begin(row(1, 1.5), 0n);
  slice.unanswered();
  slice.found(row(1, 1.5));
  expect(slice.missed).toBe(0n);
});

test('a slice that is gone though nobody here removed it is lost', () => {
  expect(() => sliceOf(1).found(undefined)).toThrow(AllocationLostError);
});

describe('what a slice says of itself', () => {
  const fresh = () => new Allocation('daily', 'me', clock);
  const facts = ({ seen, exists, changed, outdated, idle, unwritten }: Allocation) => ({
    seen,
    exists,
    changed,
    outdated,
    idle,
    unwritten,
  });
  const nothing = { seen: false, exists: false, changed: false, outdated: false, idle: 0n, unwritten: 0n };

  test('before it is known, and where it does not exist', () => {
    expect(facts(fresh())).toEqual(nothing);
    expect(fresh().row).toEqual(newAllocation('daily', 'me'));
    const slice = fresh();
    slice.found(undefined);
    expect(facts(slice)).toEqual({ ...nothing, seen: true });
    expect(slice.available).toBe(-1n);
    slice.take(1n);
    expect(facts(slice)).toEqual({ ...nothing, seen: true, changed: true, outdated: true });
  });

  test('with calls that the table knows, and with others', () => {
    const slice = fresh();
    slice.found({ ...row(5), idleNano: usd(3) });
    slice.take(usd(2));
    expect(facts(slice)).toEqual({ ...nothing, seen: true, exists: true, idle: usd(3) });
    slice.take(usd(1));
    expect(facts(slice)).toEqual({ ...nothing, seen: true, exists: true, outdated: true, idle: usd(3) });
  });

  test('with costs that the table lacks', () => {
    const slice = fresh();
    slice.found(row(5, 2));
    slice.settle(0n, usd(3));
    slice.take(usd(5));
    expect(facts(slice)).toMatchObject({ changed: true, outdated: true, unwritten: usd(1) });
    expect(slice.available).toBe(usd(-1));
    slice.begin(row(5, 3), 0n);
    expect(slice.unwritten).toBe(usd(1));
    slice.written();
    expect(facts(slice)).toMatchObject({ changed: false, outdated: false, unwritten: 0n });
  });

  test('while it is not known which of two rows is there: the most that may be idle', () => {
    const slice = fresh();
    slice.found({ ...row(5), idleNano: usd(1) });
    slice.begin({ ...row(5), idleNano: usd(4) }, 0n);
    expect(slice.idle).toBe(usd(4));
    slice.begin({ ...row(5), idleNano: 0n }, 0n);
    expect(slice.idle).toBe(usd(1));
  });
});

test('what is beyond the maximum cannot be taken', () => {
  const slice = sliceOf(5);
  slice.excess = usd(2);
  expect(slice.available).toBe(usd(3));
});

test('only what a call cost beyond its hold is missed', () => {
  const slice = sliceOf(5);
  slice.take(usd(2));
  slice.settle(usd(1), usd(0.5));
  slice.settle(usd(1), usd(1));
  expect(slice.missed).toBe(0n);
  slice.settle(0n, usd(0.25));
  expect([slice.missed, slice.ownSettled, slice.inFlight]).toEqual([usd(0.25), usd(1.75), 0n]);
});

test('what a write has carried out is written, and what came since is not', () => {
  const slice = sliceOf(5);
  slice.settle(0n, usd(1));
  slice.begin(row(5, 1), 0n);
  slice.settle(0n, usd(0.5));
  slice.written();
  expect([slice.ownSettled, slice.unwritten, slice.missed]).toEqual([usd(1.5), usd(0.5), usd(0.5)]);
  slice.begin(undefined, 0n);
  slice.written();
  expect([slice.ownSettled, slice.unwritten, slice.exists, slice.missed]).toEqual([0n, 0n, false, 0n]);
});

test('a removal that is under way leaves no budget, and counts costs as they were then', () => {
  const slice = sliceOf(5);
  slice.settle(0n, usd(1));
  slice.begin(undefined, 0n);
  expect([slice.exists, slice.row.amountNano, slice.unwritten]).toEqual([false, usd(5), usd(1)]);
  slice.refused();
  expect([slice.exists, slice.available, slice.unwritten]).toEqual([true, usd(4), usd(1)]);
});

test('costs are kept where a write without an answer was carried out', () => {
  const slice = sliceOf(5);
  slice.settle(0n, usd(1));
  slice.begin(row(5, 1), 0n);
  slice.unanswered();
  slice.found(row(5, 1));
  expect([slice.ownSettled, slice.unwritten]).toEqual([usd(1), 0n]);
});

test('nothing ends that was not begun', () => {
  expect(() => sliceOf(1).written()).toThrow('No write of the slice is under way.');
});

describe('how often a limit is looked at', () => {
  const looks = (usedBefore: number, used: number, left: number, sinceMs: number, taken = 0): number => {
    const pace = new SyncInterval();
    pace.seen(usd(usedBefore), usd(left), 0n, 1_000_000);
    pace.seen(usd(used), usd(left), usd(taken), 1_000_000 + sinceMs);
    return pace.everyMs;
  };
  test.each([
    ['nothing is used', looks(1, 1, 4, 1_000), 1_000],
    ['it would last for an hour', looks(1, 1.001, 4, 1_000), 1_000],
    ['it would last for a second', looks(1, 3, 2, 1_000), 250],
    ['it is as good as full', looks(1, 5, 0.01, 1_000), 60],
    ['it is overrun', looks(1, 6, -1, 1_000), 60],
    ['one write took half of it', looks(1, 1, 2, 1_000, 2), 60],
  ])('when %s', (_, every, wanted) => {
    expect(Math.round(every)).toBe(wanted);
  });
});

test('demand grows at once and fades slowly', () => {
  const demand = new RecentDemand();
  demand.took(usd(1));
  expect(demand.soonNano).toBe(usd(2));
  demand.written(10_000);
  demand.written(10_500);
  expect(demand.soonNano).toBe(usd(2));
  demand.written(11_100);
  expect(demand.soonNano).toBe(usd(1));
  demand.took(usd(3));
  expect(demand.soonNano).toBe(usd(6));
});
