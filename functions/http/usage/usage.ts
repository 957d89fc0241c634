import { getUsageRoute } from '../../../shared/api/usage.ts';
import { toUsageQuery } from '../../../shared/usage/answers/usage-request.ts';
import { serve } from '../../services/serve.ts';

serve(getUsageRoute, async ({ query, caller, services }) => ({
  data: await services.usage.report(toUsageQuery(query, caller, services.clock.now())),
}));
