import { app } from '@azure/functions';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readJson } from '../../../shared/http/json-body.ts';
import { limitState } from '../../../shared/http/limit-state.ts';
import { planRoute } from '../../../shared/trails/planner/plan.ts';
import { readPlanRequest } from '../../../shared/trails/planner/request.ts';
import { services } from '../../services/services.ts';

app.http('route-plan', {
  route: 'api/routes/plan',
  methods: ['POST', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint(
    { services, methods: ['POST'], access: 'user', unexpected: 'Failed to plan the route. Please try again.' },
    async ({ request, caller, services, respond }) => {
      const plan = readPlanRequest(await readJson(request, services.settings.MAX_REQUEST_BYTES));
      return respond(
        (progress, signal) => planRoute(services, caller, plan, progress, signal),
        ({ metrics }) => limitState(metrics.limits),
      );
    },
  ),
});
