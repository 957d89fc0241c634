import { describeAmount } from '../policies/units.ts';
import type { Alert } from './alert.ts';
import type { ApprovalAlert, Reported } from './approval-alert.ts';

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

export const alertTextOf = (alert: Reported): AlertText =>
  alert.event === 'approval-asked' ? textOfApproval(alert) : textOfCrossing(alert);

function textOfApproval(alert: ApprovalAlert): AlertText {
  const amount = alert.unit === 'usd' ? alert.amountUsd : alert.amount;
  return {
    title: `Limit ${alert.limitId} has no room for a call, which asks for approval`,
    facts: [
      ['Raises it by', describeAmount(alert.unit, amount)],
      ['Use case', alert.useCase],
      ['Until', alert.until],
      ['Decide', `POST /api/admin/approvals/${alert.id}, or /console/limits?approval=${alert.id}`],
    ],
  };
}

function textOfCrossing(alert: Alert): AlertText {
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
