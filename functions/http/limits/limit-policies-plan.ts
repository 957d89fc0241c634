import { planPoliciesRoute } from '../../../shared/api/limits/limit-policies.ts';
import { planPolicies } from '../../../shared/limits/admin/change-policies.ts';
import { serve } from '../../services/serve.ts';

serve(planPoliciesRoute, async ({ body, services }) => ({ data: await planPolicies(services.limits, body.policies) }));
