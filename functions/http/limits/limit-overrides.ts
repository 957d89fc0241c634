import { listOverridesRoute } from '../../../shared/api/limits/limit-overrides.ts';
import { readOverrides } from '../../../shared/limits/admin/change-overrides.ts';
import { serve } from '../../services/serve.ts';

serve(listOverridesRoute, async ({ params, services }) => ({
  data: { policy: params.id, overrides: await readOverrides(services.limits, params.id) },
}));
