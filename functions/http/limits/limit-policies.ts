import { applyPoliciesRoute, listPoliciesRoute } from '../../../shared/api/limits/limit-policies.ts';
import { applyPolicies, readPolicies } from '../../../shared/limits/admin/change-policies.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(listPoliciesRoute, async ({ services }) => {
  const data = await readPolicies(services.limits);
  return { data, headers: { etag: data.etag } };
});

serveChange(applyPoliciesRoute, async ({ body, caller, request, services }) => {
  const author = { who: caller.userId, ifMatch: request.headers.get('if-match') };
  const data = await applyPolicies(services.limits, body.policies, author);
  const [before, after] = [data.changes.map((one) => one.before), data.changes.map((one) => one.after)];
  return { data, headers: { etag: data.etag }, target: 'all', before, after };
});
