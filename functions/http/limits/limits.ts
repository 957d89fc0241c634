import { createLimitRoute, listLimitsRoute } from '../../../shared/api/limits.ts';
import { createPolicy } from '../../../shared/limits/admin/admin.ts';
import { readVisibleLimits } from '../../../shared/limits/admin/visible-limits.ts';
import { serve } from '../../services/serve.ts';

serve(listLimitsRoute, async ({ caller, services }) => ({
  data: { limits: await readVisibleLimits(services.limits, caller) },
}));

serve(createLimitRoute, async ({ body, caller, services }) => ({
  data: await createPolicy(services.limits, body, caller.userId),
}));
