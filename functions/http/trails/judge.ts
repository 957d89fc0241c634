import { app } from '@azure/functions';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readJson } from '../../../shared/http/json-body.ts';
import { limitState } from '../../../shared/http/limit-state.ts';
import { evaluate } from '../../../shared/trails/judge/evaluate.ts';
import { readJudgeRequest } from '../../../shared/trails/judge/request.ts';
import { services } from '../../services/services.ts';

app.http('judge', {
  route: 'api/judge',
  methods: ['POST', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint(
    { services, methods: ['POST'], access: 'user', unexpected: 'Failed to judge the answer. Please try again.' },
    async ({ request, caller, services, respond }) => {
      const judged = readJudgeRequest(await readJson(request, services.settings.MAX_REQUEST_BYTES));
      const { judge } = services;
      return respond(
        async (_progress, signal) =>
          judge
            ? { status: 'judged', ...(await evaluate(services, judge, caller, judged, { signal })) }
            : { status: 'skipped', reason: 'no_judge' },
        (verdict) => limitState('metrics' in verdict ? verdict.metrics.limits : []),
      );
    },
  ),
});
