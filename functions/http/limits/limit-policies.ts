import { listPoliciesRoute } from '../../../shared/api/limits.ts';
import { readPolicies } from '../../../shared/limits/admin/change-policies.ts';
import { serve } from '../../services/serve.ts';

serve(listPoliciesRoute, async ({ services }) => ({ data: await readPolicies(services.limits) }));
