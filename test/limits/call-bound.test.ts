import { expect, test } from 'vitest';
import { amountFor, isLower, learns, lowerBound } from '../../shared/limits/gate/call-bound.ts';
import type { HoldRequest } from '../../shared/limits/gate/gate.ts';
import type { bounds } from '../../shared/limits/policies/policy-members.ts';
import { type CallAmounts, type LimitUnit, noAmounts, units } from '../../shared/limits/policies/units.ts';
import { policy } from './helpers.ts';

const of = (nanoUsd: bigint, tokens = 0n): CallAmounts => ({ ...noAmounts, nanoUsd, inputTokens: tokens });
const policyOf = (unit: LimitUnit, bound: (typeof bounds)[number] = 'learned') => {
  const { maxUsd: _, ...facts } = policy();
  return policy({ ...facts, bound, unit, ...(unit === 'usd' ? { maxUsd: 5 } : { maxUsd: undefined, max: 5 }) });
};

test('bounds are learned of what server tools add to: money, tokens and input', () => {
  const learning = units.filter((unit) => learns(policyOf(unit)));
  expect(learning).toEqual(['usd', 'tokens', 'input_tokens']);
  expect(units.filter((unit) => learns(policyOf(unit, 'learned_unstreamed')))).toEqual(learning);
  expect(units.filter((unit) => learns(policyOf(unit, 'sound')))).toEqual([]);
});

test.each<[(typeof bounds)[number], boolean, bigint]>([
  ['learned', true, 30n],
  ['learned', false, 100n],
  ['learned_unstreamed', true, 30n],
  ['learned_unstreamed', false, 30n],
  ['sound', true, 100n],
  ['sound', false, 100n],
])('%s, a stream: %j, holds %i', (bound, isStream, held) => {
  const serverTools = { kind: 'k', certain: of(10n), turn: of(5n), isStream };
  const learned = { boundOf: () => 20n };
  const both = { most: of(100n), certain: of(10n) };
  expect(amountFor(policyOf('usd', bound), { serverTools } as HoldRequest, both, learned)).toBe(held);
  expect(
    amountFor(policyOf('usd', bound), { serverTools } as HoldRequest, { ...both, certain: undefined }, learned),
  ).toBe(100n);
  expect(amountFor(policyOf('usd', bound), {} as HoldRequest, both, learned)).toBe(100n);
});

test('the lower of two bounds, each amount by itself', () => {
  const one = { most: of(9n, 1n), certain: of(4n, 9n) };
  expect(lowerBound(one, { most: of(5n, 3n), certain: of(6n, 2n) })).toEqual({ most: of(5n, 1n), certain: of(4n, 2n) });
  expect(lowerBound(one, {})).toEqual(one);
  expect(lowerBound({ ...one, certain: undefined }, { certain: of(1n) })).toEqual({
    most: of(9n, 1n),
    certain: of(1n),
  });
  expect(lowerBound({ ...one, certain: undefined }, {})).toEqual({ most: of(9n, 1n), certain: undefined });
});

test('a bound is lower where one of its amounts is', () => {
  const one = { most: of(9n, 1n), certain: of(4n, 9n) };
  expect(isLower(one, one)).toBe(false);
  expect(isLower({ ...one, most: of(9n, 0n) }, one)).toBe(true);
  expect(isLower({ ...one, certain: of(3n, 10n) }, one)).toBe(true);
  expect(isLower({ ...one, certain: undefined }, one)).toBe(true);
  expect(isLower(one, { ...one, certain: undefined })).toBe(false);
});
