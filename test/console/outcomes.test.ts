import { expect, test } from 'vitest';
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
