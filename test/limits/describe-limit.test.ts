import { expect, test } from 'vitest';
import { describeLimit } from '../../shared/limits/policies/describe-limit.ts';
import { LimitReachedError } from '../../shared/limits/policies/errors.ts';
import { policy, usd } from './helpers.ts';

test.each([
  [{ scope: 'user', window: 'day', maxUsd: 5 }, 'your limit of 5 USD a day'],
  [{ scope: 'key', window: 'month', maxUsd: 20 }, "the access key's limit of 20 USD a month"],
  [{ scope: 'account', window: 'month', maxUsd: 20 }, "your account's limit"],
  [{ scope: 'global', window: 'none', maxUsd: 0.5 }, 'the limit'],
  [{ scope: 'use_case', window: 'day', maxUsd: 3 }, "the use case's limit"],
  [{ scope: 'global', window: 'day', maxUsd: 10, useCases: ['trail_analysis'] }, 'the limit for trail_analysis'],
  [{ scope: 'user', window: 'minute', maxUsd: 1 }, 'your limit of 1 USD a minute'],
  [
    { scope: 'user', window: 'days', days: 14, maxUsd: 1, start: { date: '2026-01-05' } },
    'your limit of 1 USD every 14 days',
  ],
] as const)('%o', (own, text) => {
  expect(describeLimit(policy({ ...own, useCases: 'useCases' in own ? [...own.useCases] : undefined }))).toBe(text);
});

test('a refused caller reads whose limit it is and why there was too little left; the id stays in the details', () => {
  const limitId = 'user-daily:2026-11-27:26ae0f';
  const error = new LimitReachedError(
    {
      limitId,
      policy: policy({ scope: 'user', maxUsd: 5 }),
      max: usd(5),
      spent: usd(4.98),
      left: usd(0.02),
      needed: usd(0.0500001),
    },
    Date.parse('2026-11-27T12:00:00Z'),
  );
  expect(error.message).toBe(
    'Your limit of 5 USD a day has no room for this call. It resets at 2026-11-28T00:00:00.000Z. ' +
      'The call may cost up to 0.050001 USD, and 0.02 USD are left.',
  );
  expect(error.details).toMatchObject({ limitId });
});
