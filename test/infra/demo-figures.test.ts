import { describe, expect, test } from 'vitest';
import { discrepancies, figures, type RawEvent } from '../../infra/local/demo/figures.ts';

const event = (change: Partial<RawEvent> = {}): RawEvent => ({
  providerResponseId: 'msg_1',
  useCaseName: 'trail_finder',
  useCaseId: 'run-1',
  userId: 'sam',
  costNanoUsd: 30n,
  limitIds: ['daily'],
  accepted: 1,
  ...change,
});

const facts = () => ({
  events: [event(), event({ providerResponseId: 'msg_2', useCaseId: 'run-2', userId: 'kim', costNanoUsd: 12n })],
  kpis: [
    { useCaseName: 'trail_finder', useCaseId: 'run-1', name: 'search_success', score: 1 },
    { useCaseName: 'trail_finder', useCaseId: 'run-2', name: 'search_success', score: 0 },
  ],
  limits: [{ limitId: 'daily', type: 'block', maxNanoUsd: 100n, spentNanoUsd: 42n, payiNanoUsd: 42n, state: 'ok' }],
  answered: [{ useCaseName: 'trail_finder', useCaseId: 'run-1', user: 'sam', toldNanoUsd: 30n }],
  modelCalls: ['msg_1', 'msg_2'],
});
const expected = { trail_finder: ['search_success'] };

describe('the table of the demo', () => {
  test('adds up by use case and user', () => {
    expect(figures(facts().events, facts().kpis)).toEqual([
      {
        name: 'trail_finder',
        requests: 2,
        totalNanoUsd: 42n,
        averageNanoUsd: 21n,
        users: [
          { userId: 'kim', requests: 1, costNanoUsd: 12n },
          { userId: 'sam', requests: 1, costNanoUsd: 30n },
        ],
        kpis: [{ name: 'search_success', average: 0.5 }],
      },
    ]);
  });

  test('several calls of one run are one request', () => {
    const [row] = figures([event(), event({ providerResponseId: 'msg_2' })], []);
    expect(row).toMatchObject({ requests: 1, totalNanoUsd: 60n });
  });
});

describe('the check of the demo', () => {
  test('finds nothing where all is well', () => expect(discrepancies(facts(), expected)).toEqual([]));

  test.each<[string, (all: ReturnType<typeof facts>) => void]>([
    ['a lost event', (all) => all.modelCalls.push('msg_3')],
    ['an event from nowhere', (all) => all.modelCalls.pop()],
    ['a doubled event', (all) => all.events.splice(0, 1, event({ accepted: 2 }))],
    [
      'a cost told wrong',
      (all) => all.answered.splice(0, 1, { useCaseName: '', useCaseId: 'run-1', user: 'sam', toldNanoUsd: 31n }),
    ],
    ['a lost KPI', (all) => all.kpis.pop()],
    [
      'a limit that does not add up',
      (all) =>
        all.limits.splice(0, 1, {
          limitId: 'daily',
          type: 'block',
          maxNanoUsd: 1n,
          spentNanoUsd: 41n,
          payiNanoUsd: 42n,
          state: 'ok',
        }),
    ],
  ])('finds %s', (_, spoil) => {
    const all = facts();
    spoil(all);
    expect(discrepancies(all, expected).length).toBeGreaterThan(0);
  });
});
