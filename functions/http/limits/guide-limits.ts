import { createGuideLimitRoute } from '../../../shared/api/limits/limits.ts';
import { createPolicy } from '../../../shared/limits/admin/change-policies.ts';
import { policyOfGuide } from '../../../shared/limits/policies/policy-requests.ts';
import { serveChange } from '../../services/serve.ts';

serveChange(createGuideLimitRoute, async ({ body, caller, services }) => {
  const data = await createPolicy(services.limits, policyOfGuide(body), caller.userId);
  return { data, target: data.name, after: data };
});
