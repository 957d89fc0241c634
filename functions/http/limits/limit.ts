import { deleteLimitRoute, getLimitRoute, updateLimitRoute } from '../../../shared/api/limits.ts';
import { deletePolicy, updatePolicy } from '../../../shared/limits/admin/admin.ts';
import { readVisibleLimit } from '../../../shared/limits/admin/visible-limits.ts';
import { serve } from '../../services/serve.ts';

serve(getLimitRoute, async ({ params, caller, services }) => ({
  data: await readVisibleLimit(services.limits, caller, params.id),
}));

serve(updateLimitRoute, async ({ params, body, caller, services }) => ({
  data: await updatePolicy(services.limits, params.id, caller.userId, body),
}));

serve(deleteLimitRoute, async ({ params, caller, services }) => ({
  data: { deleted: await deletePolicy(services.limits, params.id, caller.userId) },
}));
