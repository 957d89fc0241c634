import type { AnswerOf } from '../../../data/routes.ts';

export type Approval = AnswerOf<'GET /api/admin/approvals'>['approvals'][number];

/** How much it raises its limit by, in the unit of the limit. */
export const amountOf = (approval: Approval): number =>
  approval.unit === 'usd' ? approval.amountUsd : approval.amount;

/** Who asks: the user, else the account or the access key. */
export const askerOf = ({ whose }: Pick<Approval, 'whose'>): string =>
  whose.userId ?? whose.accountName ?? whose.keyName ?? 'somebody';
