import { deleteLimitRoute, getLimitRoute, updateLimitRoute } from '../../../shared/api/limits.ts';
import { deletePolicy, updatePolicy } from '../../../shared/limits/admin/admin.ts';
import { readLimit } from '../../../shared/limits/admin/read-limits.ts';
import { serve } from '../../services/serve.ts';

serve(getLimitRoute, async ({ params, caller, services }) => ({
  data: await readLimit(services.limits, caller, params.id),
}));

serve(updateLimitRoute, async ({ params, body, caller, services }) => ({
  data: await updatePolicy(services.limits, params.id, caller.userId, body),
}));

serve(deleteLimitRoute, async ({ params, caller, services }) => ({
  data: { deleted: await deletePolicy(services.limits, params.id, caller.userId) },
}));
