import { createHash } from 'node:crypto';
import type { LimitUnit } from '../policies/units.ts';

export const approvalStates = ['pending', 'approved', 'denied', 'ended'] as const;
/** `ended`: nobody decided while it could still raise its limit. */
export type ApprovalState = (typeof approvalStates)[number];

/** What a refused caller gets to know of its approval. */
export interface ApprovalTicket {
  id: string;
  state: ApprovalState;
}

/** Whose call asks for approval, as it may be stored. */
export interface Asker {
  useCaseName: string;
  userId?: string;
  accountName?: string;
  keyName?: string;
}

/** A call that an `ask` limit had no room for. */
export interface ApprovalRequest extends Asker {
  limitId: string;
  policy: string;
  unit: LimitUnit;
  /** What the limit would have held for it, in its unit. */
  neededNano: bigint;
}

/** That a limit is to be raised once, so that a call fits. Amounts in the limit's unit; times in ms, UTC. */
export interface Approval extends Asker {
  id: string;
  limitId: string;
  policy: string;
  unit: LimitUnit;
  /** How much it raises the limit by. */
  amountNano: bigint;
  state: ApprovalState;
  askedMs: number;
  /** Until then it can be decided and raises the limit. */
  untilMs: number;
  decidedMs: number | undefined;
  decidedBy: string | undefined;
  /** The maximum that the limit has by it. */
  maxNano: bigint | undefined;
  /** True once the limit has that maximum. */
  isApplied: boolean;
}

/** An approval of a limit without an end, or with one that is far away, ends after this. */
const LONGEST_MS = 86_400_000;

/** When an approval that is asked for now ends. @param periodEndMs of its limit; null: never */
export const approvalEndMs = (nowMs: number, periodEndMs: number | null): number =>
  Math.min(periodEndMs ?? Number.POSITIVE_INFINITY, nowMs + LONGEST_MS);

/** Rounded up to two digits, so that calls that are nearly alike share an approval. */
export function roundedUp(amount: bigint): bigint {
  const step = 10n ** BigInt(Math.max(0, String(amount).length - 2));
  return ((amount + step - 1n) / step) * step;
}

/** The same for the same limit, caller and rounded amount: asking again makes nothing new. */
export function approvalKey({
  limitId,
  useCaseName,
  userId,
  accountName,
  keyName,
  neededNano,
}: ApprovalRequest): string {
  const parts = [limitId, useCaseName, userId ?? '', accountName ?? '', keyName ?? '', String(roundedUp(neededNano))];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 20);
}
