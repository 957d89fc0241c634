import { createLimitRoute, listLimitsRoute } from '../../../shared/api/limits/limits.ts';
import { createPolicy } from '../../../shared/limits/admin/change-policies.ts';
import { readVisibleLimits } from '../../../shared/limits/admin/visible-limits.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(listLimitsRoute, async ({ query, caller, services }) => ({
  data: await readVisibleLimits(services.limits, caller, query),
}));

serveChange(createLimitRoute, async ({ body, caller, services }) => {
  const data = await createPolicy(services.limits, body, caller.userId);
  return { data, after: data };
});
