import { checkLimitsRoute } from '../../../shared/api/limits/limit-check.ts';
import { checkCall } from '../../../shared/gateways/check-call.ts';
import { serve } from '../../services/serve.ts';

serve(checkLimitsRoute, async ({ query, body, caller, request, services }) => ({
  data: await checkCall({ api: query.api, headers: request.headers, body }, caller, services),
}));
