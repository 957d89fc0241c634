import { getInstanceRoute } from '../../../shared/api/outcomes.ts';
import { readInstance } from '../../../shared/instances/instance-access.ts';
import { serve } from '../../services/serve.ts';

serve(getInstanceRoute, async ({ params, caller, services }) => ({
  data: await readInstance(services.instances, caller, params),
}));
