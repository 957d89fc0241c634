import type { RowKey, Stored } from '../../tables/table.ts';
import type { LimitUnit } from '../policies/units.ts';
import { type Approval, type ApprovalRequest, approvalEndMs, approvalKey, roundedUp } from './approval.ts';

/** A row of the table `limitapprovals`: what one caller asks for at one limit, in as many rounds as it was approved. */
export interface ApprovalRow extends RowKey {
  /** From 1. A call that is refused again after its approval was used asks in the next one. */
  round: number;
  limitId: string;
  policy: string;
  unit: string;
  amountNano: bigint;
  state: 'pending' | 'approved' | 'denied';
  askedAt: Date;
  until: Date;
  useCaseName: string;
  userId?: string | undefined;
  accountName?: string | undefined;
  keyName?: string | undefined;
  decidedAt?: Date | undefined;
  decidedBy?: string | undefined;
  maxNano?: bigint | undefined;
  isApplied: boolean;
}

export const APPROVALS = 'approvals';

const idPattern = /^([0-9a-f]{20})-([1-9]\d{0,5})$/;

export const idOf = ({ rowKey, round }: Pick<ApprovalRow, 'rowKey' | 'round'>): string => `${rowKey}-${round}`;

/** Undefined for a text that is not the id of an approval. */
export function parseApprovalId(id: string): { rowKey: string; round: number } | undefined {
  const [, rowKey, round] = idPattern.exec(id) ?? [];
  return rowKey === undefined ? undefined : { rowKey, round: Number(round) };
}

/** @param before the row of an earlier round */
export function approvalRowOf(
  asked: ApprovalRequest,
  before: ApprovalRow | undefined,
  nowMs: number,
  endMs: number | null,
): ApprovalRow {
  const { limitId, policy, unit, useCaseName, userId, accountName, keyName } = asked;
  return {
    partitionKey: APPROVALS,
    rowKey: approvalKey(asked),
    round: (before?.round ?? 0) + 1,
    limitId,
    policy,
    unit,
    amountNano: roundedUp(asked.neededNano),
    state: 'pending',
    askedAt: new Date(nowMs),
    until: new Date(approvalEndMs(nowMs, endMs)),
    useCaseName,
    userId,
    accountName,
    keyName,
    isApplied: false,
  };
}

/** @param round of the id by which it is asked for: a row in a later round says that this one was approved */
export function approvalOf(row: Stored<ApprovalRow> | ApprovalRow, nowMs: number, round = row.round): Approval {
  const { limitId, policy, unit, amountNano, useCaseName, userId, accountName, keyName } = row;
  const hasEnded = row.state === 'pending' && row.until.getTime() <= nowMs;
  return {
    id: idOf({ rowKey: row.rowKey, round }),
    limitId,
    policy,
    unit: unit as LimitUnit,
    amountNano,
    state: round < row.round ? 'approved' : hasEnded ? 'ended' : row.state,
    askedMs: row.askedAt.getTime(),
    untilMs: row.until.getTime(),
    decidedMs: row.decidedAt?.getTime(),
    decidedBy: row.decidedBy,
    maxNano: row.maxNano,
    isApplied: row.isApplied,
    useCaseName,
    ...(userId !== undefined && { userId }),
    ...(accountName !== undefined && { accountName }),
    ...(keyName !== undefined && { keyName }),
  };
}
