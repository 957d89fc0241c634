import { decideApprovalRoute, getApprovalRoute, listApprovalsRoute } from '../../../shared/api/limits/approvals.ts';
import { decideApproval, readApprovals, readOwnApproval } from '../../../shared/limits/admin/approvals.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(listApprovalsRoute, async ({ query, services }) => ({
  data: { approvals: await readApprovals(services.limits, query.state === 'pending') },
}));

serve(getApprovalRoute, async ({ params, caller, services }) => ({
  data: await readOwnApproval(services.limits, params.id, caller),
}));

serveChange(decideApprovalRoute, async ({ request, params, body, caller, services }) => {
  const author = { who: caller.userId, ifMatch: request.headers.get('if-match') };
  const { before, after } = await decideApproval(services.limits, params.id, author, body.decision);
  return { data: after, headers: { etag: after.etag }, before, after };
});
