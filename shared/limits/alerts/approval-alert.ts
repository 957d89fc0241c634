import type { Approval } from '../approvals/approval.ts';
import { type Figures, figuresOf } from '../policies/units.ts';
import type { Alert } from './alert.ts';

/** That a caller asks an admin to raise a limit once, as a receiver of JSON gets it. Times are ISO 8601, UTC. */
export type ApprovalAlert = {
  event: 'approval-asked';
  /** The approval's; the same in every attempt and for every target. */
  id: string;
  limitId: string;
  policy: string;
  useCase: string;
  at: string;
  /** Until then it can be approved. */
  until: string;
} & Figures<'amount'>;

export const approvalAlert = (approval: Approval): ApprovalAlert => ({
  event: 'approval-asked',
  id: approval.id,
  limitId: approval.limitId,
  policy: approval.policy,
  useCase: approval.useCaseName,
  at: new Date(approval.askedMs).toISOString(),
  until: new Date(approval.untilMs).toISOString(),
  ...figuresOf(approval.unit, { amount: approval.amountNano }),
});

/** What goes out to receivers. */
export type Reported = Alert | ApprovalAlert;
