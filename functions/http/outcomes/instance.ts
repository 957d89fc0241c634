import { getInstanceRoute } from '../../../shared/api/outcomes/instances.ts';
import { readInstance } from '../../../shared/outcomes/read-instance.ts';
import { serve } from '../../services/serve.ts';

serve(getInstanceRoute, async ({ params, caller, services }) => {
  const { instances, instanceIndex, limits, delivery } = services;
  const deps = { instances, instanceIndex, ledger: delivery.ledger, policies: limits.policies.current() };
  return { data: await readInstance(deps, caller, params) };
});
