import { app } from '@azure/functions';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { limitState } from '../../../shared/http/limit-state.ts';
import { analyze } from '../../../shared/trails/analysis/analyze.ts';
import { readAnalysisRequest } from '../../../shared/trails/analysis/request.ts';
import { services } from '../../services/services.ts';

app.http('analyze', {
  route: 'api/analyze',
  methods: ['POST', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint(
    { services, methods: ['POST'], access: 'user', unexpected: 'Failed to analyze image. Please try again.' },
    async ({ request, caller, services, respond }) => {
      const asked = await readAnalysisRequest(request, services.settings);
      return respond(
        (progress, signal) => analyze(services, caller, asked, progress, signal),
        ({ metrics }) => limitState(metrics.limits),
      );
    },
  ),
});
