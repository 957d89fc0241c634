import { z } from 'zod';
import { defineRoute } from '../../http/route.ts';
import { approvalStates } from '../../limits/approvals/approval.ts';
import { countUnits } from '../../limits/policies/units.ts';
import { enveloped, timestamp } from '../answers.ts';
import { ifMatch } from '../if-match.ts';

const params = z.object({ id: z.string().max(50) });

const own = {
  id: z.string(),
  policy: z.string(),
  limitId: z.string(),
  state: z.enum(approvalStates).describe('`ended`: nobody decided in time.'),
  askedAt: timestamp,
  until: timestamp.describe('Until then it can be decided, and raises the limit.'),
  decidedAt: timestamp.nullable(),
};
const amount = z.number().describe('How much it raises the limit by.');
const ownApproval = z.union([
  z.strictObject({ ...own, unit: z.literal('usd'), amountUsd: amount }),
  z.strictObject({ ...own, unit: z.enum(countUnits), amount }),
]);

const forAdmins = {
  ...own,
  whose: z.strictObject({
    useCaseName: z.string(),
    userId: z.string().optional(),
    accountName: z.string().optional(),
    keyName: z.string().optional(),
  }),
  decidedBy: z.string().nullable(),
  etag: z.string().describe('For `if-match`.'),
};
const max = z.number().nullable().describe('The maximum that the limit has by it; null until it is approved.');
const approval = z.union([
  z.strictObject({ ...forAdmins, unit: z.literal('usd'), amountUsd: amount, maxUsd: max }),
  z.strictObject({ ...forAdmins, unit: z.enum(countUnits), amount, max }),
]);

export const listApprovalsRoute = defineRoute({
  method: 'GET',
  path: '/api/admin/approvals',
  function: 'list-approvals',
  access: 'admin',
  dialect: 'envelope',
  summary: 'What callers ask for at limits of the type ask, the latest first',
  query: z.object({
    state: z.enum(['pending', 'all']).default('pending').describe('`all`: decided and ended ones too, at most 1,000.'),
  }),
  answers: { 200: enveloped(z.strictObject({ approvals: z.array(approval) })) },
});

export const decideApprovalRoute = defineRoute({
  method: 'POST',
  path: '/api/admin/approvals/{id}',
  function: 'decide-approval',
  access: 'admin',
  dialect: 'envelope',
  summary: 'Approves what a caller asks for, so that its limit is raised once, or denies it',
  params,
  headers: ifMatch,
  body: {
    types: ['application/json'],
    schema: z.strictObject({ decision: z.enum(['approve', 'deny']) }),
    maxBytes: 1_000,
  },
  answers: { 200: enveloped(approval) },
  failures: [409, 412, 428],
});

export const getApprovalRoute = defineRoute({
  method: 'GET',
  path: '/api/approvals/{id}',
  function: 'get-approval',
  access: 'user',
  dialect: 'envelope',
  summary: 'The state of an approval that the caller asked for',
  params,
  answers: { 200: enveloped(ownApproval) },
});
