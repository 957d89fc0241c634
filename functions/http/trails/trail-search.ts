import { app } from '@azure/functions';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readJson } from '../../../shared/http/json-body.ts';
import { limitState } from '../../../shared/http/limit-state.ts';
import { findTrails } from '../../../shared/trails/finder/find.ts';
import { readTrailSearch } from '../../../shared/trails/finder/request.ts';
import { services } from '../../services/services.ts';

app.http('trail-search', {
  route: 'api/trail-finder/search',
  methods: ['POST', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint(
    { services, methods: ['POST'], access: 'user', unexpected: 'Failed to search for trails. Please try again.' },
    async ({ request, caller, services, respond }) => {
      const search = readTrailSearch(await readJson(request, services.settings.MAX_REQUEST_BYTES));
      return respond(
        (progress, signal) => findTrails(services, caller, search, progress, signal),
        ({ metrics }) => limitState(metrics.limits),
      );
    },
  ),
});
