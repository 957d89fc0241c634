import { createGuideLimitRoute } from '../../../shared/api/limits.ts';
import { createPolicy } from '../../../shared/limits/admin/admin.ts';
import { policyOfGuide } from '../../../shared/limits/policies/policy-requests.ts';
import { serve } from '../../services/serve.ts';

serve(createGuideLimitRoute, async ({ body, caller, services }) => ({
  data: await createPolicy(services.limits, policyOfGuide(body), caller.userId),
}));
