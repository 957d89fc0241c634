import type { Outcome } from '../events/usage-event.ts';
import type { LedgerRow, LedgerState } from '../ledger/ledger-row.ts';
import { addCall, noUsage, type UsageFigures, unitsOf } from '../usage/usage-figures.ts';
import { uuidV7Ms } from '../util/ids.ts';

/** What the calls of one instance by one user came to. */
export interface InstanceSums {
  useCaseId: string;
  userId: string | undefined;
  version: number | undefined;
  accountName: string | undefined;
  /** ISO 8601: when the first call and the last one began. */
  startedAt: string;
  lastCallAt: string;
  figures: UsageFigures;
  models: Set<string>;
  outcomes: Map<Outcome, number>;
  /** Where its events are. */
  states: Set<LedgerState>;
}

export const noCalls = (useCaseId: string, userId: string | undefined, at: string): InstanceSums => ({
  useCaseId,
  userId,
  version: undefined,
  accountName: undefined,
  startedAt: at,
  lastCallAt: at,
  figures: noUsage(),
  models: new Set(),
  outcomes: new Map(),
  states: new Set(),
});

/** Adds calls up by instance and user. Scores (`kpi`) are left out. */
export function sumInstances(rows: Iterable<LedgerRow>): Map<string, InstanceSums> {
  const sums = new Map<string, InstanceSums>();
  for (const row of rows) if (row.kind === 'usage') addTo(sums, row);
  return sums;
}

/** The instance and the user of a row, as one text. */
export const instanceOf = ({ useCaseId, userId = '' }: Pick<LedgerRow, 'useCaseId' | 'userId'>): string =>
  `${useCaseId}\n${userId}`;

/** When an event came to be (ISO 8601), by its id, which decides in which hour of the ledger it is. */
export const beganAt = ({ rowKey, occurredAt }: Pick<LedgerRow, 'rowKey' | 'occurredAt'>): string => {
  const ms = uuidV7Ms(rowKey);
  return ms === undefined ? occurredAt : new Date(ms).toISOString();
};

/** Adds one call. */
export function addTo(sums: Map<string, InstanceSums>, row: LedgerRow): void {
  const key = instanceOf(row);
  const at = beganAt(row);
  let sum = sums.get(key);
  if (!sum) {
    sum = noCalls(row.useCaseId, row.userId, at);
    sums.set(key, sum);
  }
  addCall(sum.figures, row, unitsOf(row));
  if (at < sum.startedAt) sum.startedAt = at;
  if (at >= sum.lastCallAt) {
    sum.lastCallAt = at;
    sum.version = row.useCaseVersion ?? sum.version;
    sum.accountName = row.accountName ?? sum.accountName;
  }
  if (row.resource !== undefined) sum.models.add(row.resource);
  const outcome = row.outcome as Outcome;
  sum.outcomes.set(outcome, (sum.outcomes.get(outcome) ?? 0) + 1);
  sum.states.add(row.state);
}
