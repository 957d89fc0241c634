import { describe, expect, test } from 'vitest';
import { amountFor, isLower } from '../../shared/limits/gate/call-bound.ts';
import { LearnedBound } from '../../shared/limits/gate/learned-bounds.ts';
import type { LearnedStore } from '../../shared/limits/gate/learned-store.ts';
import { costing, toolsCosting } from '../support/amounts.ts';
import { call, policy, searching, usd } from './helpers.ts';

describe('a learned bound', () => {
  test('begins with a quarter of a dollar or twice the dearest', () => {
    expect(new LearnedBound().bound).toBe(usd(0.25));
    expect(new LearnedBound([usd(0.2), usd(0.1)]).bound).toBe(usd(0.4));
    expect(new LearnedBound(Array.from({ length: 19 }, () => usd(0.01))).bound).toBe(usd(0.25));
  });

  test('is the high quantile and a quarter once there are enough, in whatever order they came', () => {
    const costs = Array.from({ length: 100 }, (_, n) => usd((n + 1) / 100));
    const shuffled = costs.map((_, n) => costs[(n * 37) % 100] as bigint);
    for (const given of [costs, [...costs].reverse(), shuffled])
      expect(new LearnedBound(given).bound).toBe(usd(0.99 * 1.25));
    expect(new LearnedBound(Array.from({ length: 20 }, () => usd(0.004))).bound).toBe(usd(0.005));
  });

  test('changes with each cost', () => {
    const bound = new LearnedBound([]);
    expect(bound.bound).toBe(usd(0.25));
    bound.add(usd(1));
    expect(bound.bound).toBe(usd(2));
    bound.add(usd(3));
    expect(bound.costs).toEqual([usd(1), usd(3)]);
    expect(bound.bound).toBe(usd(6));
  });

  test('forgets the oldest', () => {
    const bound = new LearnedBound([usd(9)]);
    bound.add(usd(0.1));
    expect(bound.costs).toEqual([usd(9), usd(0.1)]);
    for (let turn = 0; turn < 256; turn++) bound.add(usd(0.1));
    expect(bound.bound).toBe(usd(0.125));
    for (let turn = 0; turn < 300; turn++) bound.add(BigInt(turn));
    expect(bound.costs).toEqual(Array.from({ length: 256 }, (_, place) => BigInt(place + 44)));
    expect(new LearnedBound(Array.from({ length: 300 }, (_, n) => BigInt(n))).costs[0]).toBe(44n);
  });
});

describe('what a limit holds for a call', () => {
  const learned = { boundOf: () => usd(0.3) } as unknown as LearnedStore;
  const bound = { most: costing(usd(20)), certain: costing(usd(1)) };
  const request = call(usd(20), searching(usd(1)));

  test('is what is certain and what was learned, and never more than the most', () => {
    expect(amountFor(policy(), request, bound, learned)).toBe(usd(1.3));
    expect(amountFor(policy(), request, { ...bound, most: costing(usd(1.2)) }, learned)).toBe(usd(1.2));
    const dearTurn = call(usd(20), searching(usd(1), { turn: toolsCosting(usd(0.4)) }));
    expect(amountFor(policy(), dearTurn, bound, learned)).toBe(usd(1.4));
  });

  test('is the most without server tools, and under a policy that learns nothing', () => {
    expect(amountFor(policy(), call(usd(20)), { ...bound, certain: undefined }, learned)).toBe(usd(20));
    expect(amountFor(policy({ bound: 'sound' }), request, bound, learned)).toBe(usd(20));
  });

  test.each([
    [5, 1, true],
    [20, 0.5, true],
    [20, 1, false],
    [30, 2, false],
  ])('an exact bound of %d with %d certain is lower than 20 with 1: %s', (most, certain, lower) => {
    expect(isLower({ most: costing(usd(most)), certain: costing(usd(certain)) }, bound)).toBe(lower);
  });
});
