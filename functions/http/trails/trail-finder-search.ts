import { searchTrailsRoute } from '../../../shared/api/trails.ts';
import { limitHeaders } from '../../../shared/http/limit-state.ts';
import { findTrails } from '../../../shared/trails/finder/find.ts';
import { withOwnVehicle } from '../../../shared/trails/finder/request.ts';
import { serve } from '../../services/serve.ts';

serve(searchTrailsRoute, async ({ body, caller, services, respond }) => {
  const search = withOwnVehicle(body);
  return respond((progress, signal) => findTrails(services, caller, search, progress, signal), {
    headersOf: ({ metrics }) => limitHeaders(metrics),
  });
});
