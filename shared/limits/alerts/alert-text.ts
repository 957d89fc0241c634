import { describeAmount } from '../policies/units.ts';
import type { Alert } from './alert.ts';

/** An alert for people: a line, and facts with their names. */
export interface AlertText {
  title: string;
  facts: [name: string, value: string][];
}

const said: Record<Alert['level'], string> = {
  ok: '',
  exceeded: 'is past its threshold',
  overrun: 'is past its maximum',
  reached: 'refuses calls',
};

export function alertTextOf(alert: Alert): AlertText {
  const { limitId, unit, at, resetsAt, forecast, share, level } = alert;
  const [spent, max] = unit === 'usd' ? [alert.spentUsd, alert.maxUsd] : [alert.spent, alert.max];
  const what = said[level] || `has spent ${share} % of its maximum`;
  const { likely, from, to } = forecast?.exhaustedAt ?? {};
  const facts: AlertText['facts'] = [
    ['Spent', `${describeAmount(unit, spent)} of ${describeAmount(unit, max)}`],
    ['Since', at],
    ['Resets', resetsAt ?? 'when an admin resets it'],
  ];
  if (likely) facts.push(['Exhausted', `about ${likely} (80 %: ${from ?? 'now'} to ${to ?? 'later than its end'})`]);
  return { title: `Limit ${limitId} ${what}`, facts };
}
