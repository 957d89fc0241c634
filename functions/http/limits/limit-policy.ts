import { getPolicyRoute } from '../../../shared/api/limits/limit-policies.ts';
import { readPolicy } from '../../../shared/limits/admin/change-policies.ts';
import { serve } from '../../services/serve.ts';

serve(getPolicyRoute, async ({ params, services }) => {
  const data = await readPolicy(services.limits, params.name);
  return { data, ...(data.etag !== null && { headers: { etag: data.etag } }) };
});
