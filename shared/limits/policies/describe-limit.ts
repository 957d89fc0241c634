import { isShared, type Policy } from './policy.ts';

type Described = Pick<Policy, 'scope' | 'window' | 'maxUsd' | 'useCases'>;

const owners: Record<Policy['scope'], string> = {
  global: 'the limit',
  use_case: "the use case's limit",
  user: 'your limit',
  account: "your account's limit",
  key: "the access key's limit",
};
const windows: Record<Policy['window'], string> = { day: ' a day', month: ' a month', none: '' };

/** A limit in words for its user, without ids: `your limit of 5 USD a day`. Of one that users share without its figures. */
export function describeLimit({ scope, window, maxUsd, useCases }: Described): string {
  const amount = isShared({ scope }) ? '' : ` of ${maxUsd} USD${windows[window]}`;
  return `${owners[scope]}${amount}${useCases ? ` for ${useCases.join(', ')}` : ''}`;
}
