import { describe, expect, test } from 'vitest';
import { comparableVersions, compareVersions, pairOf } from '../../functions/console/views/outcomes/comparison.ts';
import { kpiRows } from '../../functions/console/views/outcomes/kpi-rows.ts';

const estimate = (value: number) => ({ value, low: null, high: null });
const kpi = (name: string, value: number) => ({
  name,
  facts: null,
  scored: 1,
  average: estimate(value),
  meetsGoal: null,
  yes: null,
  byScore: [],
});
const version = (number: number, kpis: ReturnType<typeof kpi>[]) => ({
  useCase: 'finder',
  version: number,
  instances: 1,
  users: 1,
  requests: 1,
  tokens: { input: 0, output: 0 },
  estimatedUsd: 0,
  unestimated: 0,
  payiUsd: 0,
  usdPerInstance: null,
  kpis,
});

test('the versions of a KPI stand one below the other', () => {
  const rows = kpiRows([version(10, [kpi('b', 4), kpi('a', 3)]), version(2, [kpi('b', 2), kpi('a', 1)])]);
  expect(rows.map(({ kpi: name, version: number, average }) => [name, number, average.value])).toEqual([
    ['a', 2, 1],
    ['a', 10, 3],
    ['b', 2, 2],
    ['b', 10, 4],
  ]);
});

describe('two versions of a use case', () => {
  const range = (value: number, low: number, high: number) => ({ value, low, high });
  const one = { ...version(1, [kpi('a', 2)]), instances: 4, requests: 8, usdPerInstance: range(0.1, 0.09, 0.11) };
  const other = { ...version(3, [kpi('b', 1)]), instances: 2, requests: 2, usdPerInstance: range(0.2, 0.15, 0.25) };

  test('are those of use cases that have several, in order', () => {
    const found = comparableVersions([other, one, { ...one, useCase: 'planner' }, { ...one, version: null as never }]);
    expect([...found].map(([name, versions]) => [name, versions.map((each) => each.version)])).toEqual([
      ['finder', [1, 3]],
    ]);
  });

  test('are those of the address, else the latest', () => {
    const versions = [one, version(2, []), other];
    const numbersOf = (...names: string[]) => {
      const pair = pairOf(versions, ...names);
      return [pair?.one.version, pair?.other.version];
    };
    expect([numbersOf(), numbersOf('1', '2'), numbersOf('9', '1')]).toEqual([
      [2, 3],
      [1, 2],
      [2, 1],
    ]);
    expect(pairOf([one])).toBeUndefined();
  });

  test('are compared figure by figure, with KPIs that only one of them has', () => {
    const figures = new Map(compareVersions({ one, other }).map((figure) => [figure.name, figure]));
    expect(figures.get('instances')).toMatchObject({ change: -0.5, areApart: null });
    expect(figures.get('cost of an instance')).toMatchObject({ change: 1, areApart: true });
    expect(figures.get('calls of an instance')).toMatchObject({ one: { value: 2 }, other: { value: 1 } });
    expect(figures.get('average of a')).toMatchObject({ one: { value: 2 }, other: null, change: null });
    expect(figures.get('tokens in of an instance')).toMatchObject({ change: null });
    const near = { ...other, usdPerInstance: range(0.12, 0.1, 0.14) };
    expect(compareVersions({ one, other: near })[2]).toMatchObject({ areApart: false });
  });

  test('a KPI of yes and no has what a yes costs', () => {
    const yes = { instances: 1, users: 1, usdPerInstance: 0.4, usdPerUser: 0.4 };
    const scored = { ...one, kpis: [{ ...kpi('a', 1), yes }] };
    expect(compareVersions({ one: scored, other: scored }).at(-1)).toMatchObject({
      name: 'cost for a yes of a',
      one: { value: 0.4 },
      change: 0,
    });
  });
});
