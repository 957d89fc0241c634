import type { RequestTo } from '../../../data/routes.ts';
import type { Policy } from '../load.ts';
import type { Weekday } from './policy-words.ts';

export type PolicyUpdate = RequestTo<'PUT /api/limits/{id}'>['body'];

/** What the form has when a policy is created. */
export const emptyPolicy: Policy = {
  name: '',
  scope: 'global',
  window: 'day',
  unit: 'usd',
  maxUsd: 10,
  type: 'block',
  whenUnreadable: 'closed',
  enabled: true,
  shadow: false,
  bound: 'learned',
};

/** The inputs that a form has for a scope, unit and window. The others are members that must be left out. */
export interface UsedInputs {
  property: boolean;
  zone: boolean;
  days: boolean;
  weekday: boolean;
  day: boolean;
  atPayi: boolean;
  maxima: boolean;
}

export function usedInputs({ scope, unit, window }: Pick<Policy, 'scope' | 'unit' | 'window'>): UsedInputs {
  const isOfCalendar = window !== 'minute' && window !== 'hour' && window !== 'none';
  return {
    property: scope.split('+').includes('property'),
    // The first part counts, and users have none.
    maxima: scope !== 'global' && !scope.startsWith('user'),
    zone: isOfCalendar,
    days: window === 'days',
    weekday: window === 'week',
    day: window === 'month' || window === 'quarter',
    // At Pay-i there are only limits in USD, of a day and longer.
    atPayi: unit === 'usd' && window !== 'minute' && window !== 'hour',
  };
}

/** Members that the form has inputs for; others stay as they are. */
const ownMembers: readonly string[] = [
  ...Object.keys(emptyPolicy),
  ...['max', 'property', 'days', 'zone', 'start', 'threshold', 'alerts', 'useCases', 'models', 'atPayi', 'maxima'],
];

/** The policy that a form describes. Inputs that are empty or not shown are members that are absent; the app checks the rest. */
export function policyOf(form: FormData, before: Policy): Policy {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const chosen = <V extends string>(name: string, usual: V): V => (text(name) || usual) as V;
  const list = (name: string): string[] =>
    text(name)
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  const [threshold, zone, days] = [text('threshold'), text('zone'), text('days')];
  const [alerts, useCases, models] = [list('alerts'), list('useCases'), list('models')];
  const unit = chosen('unit', before.unit ?? 'usd');
  const property = text('property') || before.property;
  const maximum = Number(text('maximum'));
  const start = startOf(text, before);
  const maxima = maximaOf(text('maxima'));
  const atPayi = atPayiOf(text('atPayi'), before);
  const others = Object.fromEntries(Object.entries(before).filter(([name]) => !ownMembers.includes(name)));
  return {
    ...others,
    name: chosen('name', before.name),
    scope: chosen('scope', before.scope),
    ...(property !== undefined && { property }),
    window: chosen('window', before.window),
    ...(days !== '' && { days: Number(days) }),
    ...(zone !== '' && { zone }),
    ...(start && { start }),
    unit,
    ...(unit === 'usd' ? { maxUsd: maximum } : { max: maximum }),
    type: chosen('type', before.type),
    whenUnreadable: chosen('whenUnreadable', before.whenUnreadable ?? 'closed'),
    bound: chosen('bound', before.bound ?? 'learned'),
    enabled: form.has('enabled'),
    shadow: form.has('shadow'),
    ...(threshold !== '' && { threshold: Number(threshold) / 100 }),
    ...(alerts.length > 0 && { alerts: alerts.map((share) => Number(share) / 100) }),
    ...(useCases.length > 0 && { useCases }),
    ...(models.length > 0 && { models }),
    ...(maxima && { maxima }),
    ...(atPayi !== undefined && { atPayi }),
  };
}

/** Where in its window a limit begins; undefined: at its first moment. */
function startOf(text: (name: string) => string, before: Policy): Policy['start'] {
  const [hour, weekday, day, date] = [text('hour'), text('weekday'), text('day'), text('date')];
  // A week begins on Monday unless a policy says otherwise.
  const isUsual = weekday === '' || (weekday === 'monday' && before.start?.weekday !== 'monday');
  const start = {
    ...(hour !== '' && { hour: Number(hour) }),
    ...(!isUsual && { weekday: weekday as Weekday }),
    ...(day !== '' && { day: Number(day) }),
    ...(date !== '' && { date }),
  };
  return Object.keys(start).length === 0 ? undefined : start;
}

/** Shares at which alerts go out, in %: `50, 80, 95`. */
export const alertsText = ({ alerts = [] }: Pick<Policy, 'alerts'>): string =>
  alerts.map((share) => Math.round(share * 100)).join(', ');

/** Other maxima for some keys, a line each: `enterprise = 50`. A line without a number is left to the app to refuse. */
export const maximaText = ({ maxima = {} }: Pick<Policy, 'maxima'>): string =>
  Object.entries(maxima)
    .map(([key, maximum]) => `${key} = ${maximum}`)
    .join('\n');

function maximaOf(text: string): Policy['maxima'] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return undefined;
  return Object.fromEntries(
    lines.map((line) => {
      // A key may have an equals sign in it.
      const at = line.lastIndexOf('=');
      return at < 0 ? [line.trim(), 0] : [line.slice(0, at).trim(), Number(line.slice(at + 1))];
    }),
  );
}

/** Once a policy says whether its limits exist at Pay-i, it goes on saying so. */
function atPayiOf(chosen: string, before: Policy): boolean | undefined {
  if (chosen !== '') return chosen === 'yes';
  return before.atPayi === undefined ? undefined : false;
}

/** Of a changed policy what `PUT /api/limits/{id}` takes: members that differ; null takes one away. */
export function updateOf(before: Policy, after: Policy): PolicyUpdate {
  const [old, changed] = [before, after] as unknown as Record<string, unknown>[];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...names].flatMap((name) =>
      JSON.stringify(old?.[name]) === JSON.stringify(changed?.[name]) ? [] : [[name, changed?.[name] ?? null]],
    ),
  );
}
