import type { AnswerOf } from '../../data/routes.ts';

export type Waiting = AnswerOf<'GET /api/admin/waiting'>;
export type WaitingGroup = Waiting['groups'][number];
export type DeadLetter = AnswerOf<'GET /api/admin/dead-letters'>['letters'][number];
export type DeadLetterState = DeadLetter['state'];
export type Check = AnswerOf<'GET /api/admin/diagnosis'>['checks'][number];
/** What calls came to by use case and version. */
export type Delivered = Pick<AnswerOf<'GET /api/usage/outcomes'>, 'rows'>;
export type Audit = AnswerOf<'GET /api/admin/audit'>;
export type Reconciliation = AnswerOf<'GET /api/admin/reconciliation'>;
export type BookRow = Reconciliation['rows'][number];
export type BookDifference = Reconciliation['differences'][number];
