import { isShared, maximumOf, type Policy } from './policy.ts';
import { describeAmount, toFigure } from './units.ts';

const owners: Record<Policy['scope'], string> = {
  global: 'the limit',
  use_case: "the use case's limit",
  user: 'your limit',
  account: "your account's limit",
  key: "the access key's limit",
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
