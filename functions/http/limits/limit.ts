import { deleteLimitRoute, getLimitRoute, updateLimitRoute } from '../../../shared/api/limits.ts';
import { deletePolicy, updatePolicy } from '../../../shared/limits/admin/change-policies.ts';
import { readVisibleLimit } from '../../../shared/limits/admin/visible-limits.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(getLimitRoute, async ({ params, caller, services }) => ({
  data: await readVisibleLimit(services.limits, caller, params.id),
}));

serveChange(updateLimitRoute, async ({ params, body, caller, services }) => {
  const { before, after } = await updatePolicy(services.limits, params.id, caller.userId, body);
  return { data: after, before, after };
});

serveChange(deleteLimitRoute, async ({ params, caller, services }) => {
  const before = await deletePolicy(services.limits, params.id, caller.userId);
  return { data: { deleted: before.name }, before };
});
