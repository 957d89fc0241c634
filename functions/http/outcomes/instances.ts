import { listInstancesRoute } from '../../../shared/api/outcomes/instances.ts';
import { summaryOf } from '../../../shared/outcomes/instance-view.ts';
import { instanceCursor, toInstancesQuery } from '../../../shared/outcomes/instances-request.ts';
import { listInstances } from '../../../shared/outcomes/list-instances.ts';
import { serve } from '../../services/serve.ts';

serve(listInstancesRoute, async ({ params, query, caller, services }) => {
  const asked = toInstancesQuery(query, params.name, caller, services.clock.now());
  const { instances, next } = await listInstances({ ...services, ledger: services.delivery.ledger }, asked);
  return {
    data: {
      instances: instances.map((sums) => summaryOf(params.name, sums)),
      next: next ? instanceCursor(next) : null,
    },
  };
});
