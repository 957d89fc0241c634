import { PayiError } from '../payi/transport/error.ts';

/** One member that is or was another one at Pay-i. */
export interface SetupChange {
  member: string;
  /** As Pay-i has it; null where it has none. */
  from: string | number | null;
  to: string | number;
}

export interface SetupItem {
  kind: 'use_case' | 'kpi' | 'limit';
  /** A KPI is named with its use case: `trail_finder/result_count`. */
  name: string;
  result: 'created' | 'exists' | 'updated' | 'failed';
  /** What was, or in a dry run would be, updated. */
  changes?: SetupChange[];
  /** Why it failed, or what stays as it is. */
  reason?: string;
}

export type SetupOutcome = Pick<SetupItem, 'result' | 'changes' | 'reason'>;

/** The outcome of an item that was found: `exists` without a change. */
export const foundWith = (changes: SetupChange[], reason?: string): SetupOutcome => ({
  result: changes.length > 0 ? 'updated' : 'exists',
  ...(changes.length > 0 && { changes }),
  ...(reason !== undefined && { reason }),
});

/** The changes that make what Pay-i has equal to what is wanted. */
export const changesTo = (
  wanted: Record<string, string | number>,
  found: Record<string, string | number | null | undefined>,
): SetupChange[] =>
  Object.entries(wanted).flatMap(([member, to]) =>
    found[member] === to ? [] : [{ member, from: found[member] ?? null, to }],
  );

/** A refusal by Pay-i is the item's outcome; anything else is our defect and ends the set-up. */
export async function attemptItem(work: () => Promise<SetupOutcome>): Promise<SetupOutcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PayiError) return { result: 'failed', reason: error.message };
    throw error;
  }
}
