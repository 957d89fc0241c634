import type { InstancePart } from '../usage/instance-part.ts';
import { startOfSpan } from '../usage/spans.ts';
import type { UsageService } from '../usage/usage-service.ts';
import { type OutcomeRow, outcomeRows } from './outcome-report.ts';
import type { OutcomesQuery } from './outcomes-request.ts';

export interface OutcomesReport {
  /** Whole hours, UTC. */
  from: string;
  to: string;
  rows: OutcomeRow[];
}

/** What calls cost and were worth by use case and version. An instance counts with its calls and scores in the time, and is its first caller's. */
export async function reportOutcomes(
  usage: Pick<UsageService, 'instances'>,
  { from, before, useCase, allowed, version, user, account }: OutcomesQuery,
): Promise<OutcomesReport> {
  const isAsked = (part: InstancePart): boolean =>
    (version === undefined || part.version === version) &&
    (user === undefined || part.user === user) &&
    (account === undefined || part.account === account);
  const rows = await usage.instances({ from, before, useCase }, (name, instances) =>
    allowed === undefined || allowed.includes(name) ? outcomeRows(name, filtered(instances, isAsked)) : [],
  );
  const isoOf = (hour: string): string => new Date(startOfSpan(hour)).toISOString();
  return { from: isoOf(from), to: isoOf(before), rows: rows.flat() };
}

function* filtered<T>(items: Iterable<T>, keep: (item: T) => boolean): Generator<T> {
  for (const item of items) if (keep(item)) yield item;
}
