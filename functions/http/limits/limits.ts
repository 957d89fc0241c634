import { createLimitRoute, listLimitsRoute } from '../../../shared/api/limits.ts';
import { createPolicy } from '../../../shared/limits/admin/admin.ts';
import { readLimits } from '../../../shared/limits/admin/read-limits.ts';
import { serve } from '../../services/serve.ts';

serve(listLimitsRoute, async ({ caller, services }) => ({
  data: { limits: await readLimits(services.limits, caller) },
}));

serve(createLimitRoute, async ({ body, caller, services }) => ({
  data: await createPolicy(services.limits, body, caller.userId),
}));
