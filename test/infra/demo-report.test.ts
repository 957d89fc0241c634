import { expect, test } from 'vitest';
import { explain } from '../../infra/local/demo/explain.ts';
import { nameLimit } from '../../infra/local/demo/limit-names.ts';
import { describe as report } from '../../infra/local/demo/report.ts';
import { expandPolicies } from '../../shared/limits/policies/limit-id.ts';
import { policySchema } from '../../shared/limits/policies/policy.ts';

const policies = [
  { name: 'daily', scope: 'global', window: 'day', maxUsd: 50, type: 'block' },
  { name: 'user-daily', scope: 'user', window: 'day', maxUsd: 1, type: 'block' },
  { name: 'user-total', scope: 'user', window: 'none', maxUsd: 1, type: 'block' },
].map((policy) => policySchema.parse(policy));
const useCases = [
  {
    name: 'trail_finder',
    requests: 2,
    totalNanoUsd: 300_000_000n,
    averageNanoUsd: 150_000_000n,
    users: [{ userId: 'lee', requests: 2, costNanoUsd: 300_000_000n }],
    kpis: [
      { name: 'search_success', average: 0.5 },
      { name: 'result_count', average: 4.5 },
    ],
  },
];

test('limits are named with the people that they are of', () => {
  const call = { useCaseName: 'trail_finder', userId: 'lee', occurredAtMs: Date.parse('2026-11-23T10:00:00Z') };
  const names = expandPolicies(policies, call).map(({ limitId }) => nameLimit(limitId, policies, ['sam', 'lee']));
  expect(names).toEqual([
    { policy: 'daily', whom: 'everyone', period: '2026-11-23' },
    { policy: 'user-daily', whom: 'lee', period: '2026-11-23' },
    { policy: 'user-total', whom: 'lee', period: 'always' },
  ]);
  expect(nameLimit('chosen by others', policies, ['lee']).policy).toBe('chosen by others');
});

test('KPIs are shown in their units, with goal and scale', () => {
  const text = report(useCases, [], []);
  expect(text).toMatch(/trail_finder +search_success +50 % +95 % +The search was completed and found trails/);
  expect(text).toMatch(/trail_finder +result_count +4\.50 +5 +Trails returned/);
});

test('it says why there are more events than answers, and why a request was refused', () => {
  const events = new Map([
    ['trail_finder', 3],
    ['judge_validation', 2],
  ]);
  const refusals = ['lee', 'lee', 'sam'].map((user) => ({ user, neededUsd: 0.5, leftUsd: 0.4, maxUsd: 0.75 }));
  const text = explain({ answered: 2, refusals, events, useCases, scores: 6, thumbs: 1 }).join('\n');
  expect(text).toContain(
    '2 answers took 5 model calls: 3 for the answers themselves, and 2 of a second model, the judge',
  );
  expect(text).toContain('2 requests of lee, 1 request of sam met a limit');
  expect(text).toContain('(here $0.50) does not fit in what is left ($0.40 of $0.75 a day)');
  expect(explain({ answered: 2, refusals: [], events, useCases, scores: 6, thumbs: 1 }).join('\n')).not.toContain(
    'limit',
  );
});
