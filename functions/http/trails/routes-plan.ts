import { planRouteRoute } from '../../../shared/api/trails.ts';
import { limitHeaders } from '../../../shared/http/limit-state.ts';
import { withOwnVehicle } from '../../../shared/trails/finder/request.ts';
import { planRoute } from '../../../shared/trails/planner/plan.ts';
import { serve } from '../../services/serve.ts';

serve(planRouteRoute, async ({ body, caller, services, respond }) => {
  const plan = withOwnVehicle(body);
  return respond((progress, signal) => planRoute(services, caller, plan, progress, signal), {
    headersOf: ({ metrics }) => limitHeaders(metrics),
  });
});
