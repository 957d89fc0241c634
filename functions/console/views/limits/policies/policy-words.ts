import type { Policy } from '../load.ts';

type Words<V extends string> = readonly (readonly [V, string])[];

export const scopes: Words<Policy['scope']> = [
  ['global', 'all calls'],
  ['use_case', 'each use case'],
  ['user', 'each user'],
  ['account', 'each account'],
  ['key', 'each access key'],
  ['version', 'each version of a use case'],
  ['model', 'each model'],
  ['property', 'each value of a property'],
  ['user+use_case', 'each user in each use case'],
  ['account+use_case', 'each account in each use case'],
  ['user+model', 'each user on each model'],
  ['user+property', 'each user by a property'],
];

export const windows: Words<Policy['window']> = [
  ['minute', 'minute'],
  ['hour', 'hour'],
  ['day', 'day'],
  ['week', 'week'],
  ['month', 'month'],
  ['quarter', 'quarter'],
  ['days', 'a number of days'],
  ['none', 'none: until it is reset'],
];

export const units: Words<NonNullable<Policy['unit']>> = [
  ['usd', 'USD'],
  ['tokens', 'tokens'],
  ['input_tokens', 'input tokens'],
  ['output_tokens', 'output tokens'],
  ['requests', 'requests'],
  ['images', 'images'],
  ['web_searches', 'web searches'],
];

export const types: Words<Policy['type']> = [
  ['block', 'block: refuses calls without room'],
  ['allow', 'allow: only warns'],
  ['fall_back', 'fall back: makes calls cheaper where their use case permits it, else refuses them'],
  ['ask', 'ask: refuses calls, and an admin can raise the limit once'],
];

export const unreadable: Words<NonNullable<Policy['whenUnreadable']>> = [
  ['closed', 'refuse calls'],
  ['open', 'let calls pass'],
];

export const bounds: Words<NonNullable<Policy['bound']>> = [
  ['learned', 'learned, for streams'],
  ['learned_unstreamed', 'learned, for all calls'],
  ['sound', 'sound'],
];

export type Weekday = NonNullable<NonNullable<Policy['start']>['weekday']>;
export const weekdays: Words<Weekday> = [
  ['monday', 'Monday'],
  ['tuesday', 'Tuesday'],
  ['wednesday', 'Wednesday'],
  ['thursday', 'Thursday'],
  ['friday', 'Friday'],
  ['saturday', 'Saturday'],
  ['sunday', 'Sunday'],
];

/** What a policy has a limit of its own for: `each user`, `each value of customer_tier`. */
export function scopeText({ scope, property }: Pick<Policy, 'scope' | 'property'>): string {
  if (property === undefined) return wordOf(scopes, scope);
  return scope === 'property' ? `each value of ${property}` : `each user by ${property}`;
}

/** How long its limits last: `day`, `14 days`, with the zone where that is not UTC. */
export function windowText({ window, days, zone }: Pick<Policy, 'window' | 'days' | 'zone'>): string {
  const length = window === 'days' ? `${days} days` : window;
  return zone === undefined || zone === 'UTC' ? length : `${length}, ${zone}`;
}

const wordOf = <V extends string>(words: Words<V>, value: V): string =>
  words.find(([each]) => each === value)?.[1] ?? value;
