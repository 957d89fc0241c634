import { getOutcomesRoute } from '../../../shared/api/outcomes/outcomes.ts';
import { toOutcomesQuery } from '../../../shared/outcomes/outcomes-request.ts';
import { reportOutcomes } from '../../../shared/outcomes/report-outcomes.ts';
import { serve } from '../../services/serve.ts';

serve(getOutcomesRoute, async ({ query, caller, services }) => ({
  data: await reportOutcomes(services.usage, toOutcomesQuery(query, caller, services.clock.now())),
}));
