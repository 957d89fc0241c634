import { getInstanceRoute } from '../../../shared/api/outcomes/instances.ts';
import { readInstance } from '../../../shared/outcomes/read-instance.ts';
import { serve } from '../../services/serve.ts';

serve(getInstanceRoute, async ({ params, caller, services }) => ({
  data: await readInstance({ ...services, ledger: services.delivery.ledger }, caller, params),
}));
