import { isShared, maximumOf, type Policy } from './policy.ts';
import { describeAmount, toFigure } from './units.ts';

const owners: Record<Policy['scope'], string> = {
  global: 'the limit',
  use_case: "the use case's limit",
  user: 'your limit',
  account: "your account's limit",
  key: "the access key's limit",
  version: "the limit of the use case's version",
  model: "the model's limit",
  property: 'the limit of calls with this property',
  'user+use_case': 'your limit for the use case',
  'account+use_case': "your account's limit for the use case",
  'user+model': 'your limit for the model',
  'user+property': 'your limit for calls with this property',
};
const every: Record<Exclude<Policy['window'], 'days'>, string> = {
  minute: ' a minute',
  hour: ' an hour',
  day: ' a day',
  week: ' a week',
  month: ' a month',
  quarter: ' a quarter',
  none: '',
};

/** A limit in words for its user, without ids: `your limit of 5 USD a day`. Of one that users share without its figures. */
export function describeLimit(policy: Policy, max = maximumOf(policy)): string {
  const { scope, window, days, unit, useCases } = policy;
  const often = window === 'days' ? ` every ${days} days` : every[window];
  const amount = isShared({ scope }) ? '' : ` of ${describeAmount(unit, toFigure(unit, max))}${often}`;
  return `${owners[scope]}${amount}${useCases ? ` for ${useCases.join(', ')}` : ''}`;
}
