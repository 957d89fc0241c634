import type { Ledger } from '../ledger/ledger.ts';
import { DAY_MS, dayOf } from '../util/days.ts';

/** What the ledger says of the last day, from its first events on: enough to see which names occur. */
export interface RecentEvents {
  events: number;
  useCases: ReadonlySet<string>;
  namesAccounts: boolean;
}

const READ = 2_000;

/** Reads at most `READ` entries, since yesterday (UTC). @throws TableError */
export async function recentEvents(ledger: Pick<Ledger, 'since'>, nowMs: number): Promise<RecentEvents> {
  const useCases = new Set<string>();
  let events = 0;
  let namesAccounts = false;
  for await (const { useCaseName, accountName, occurredAt } of ledger.since(dayOf(nowMs - DAY_MS))) {
    if (Date.parse(occurredAt) < nowMs - DAY_MS) continue;
    events += 1;
    useCases.add(useCaseName);
    namesAccounts ||= accountName !== undefined;
    if (events >= READ) break;
  }
  return { events, useCases, namesAccounts };
}
