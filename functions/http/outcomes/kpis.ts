import { recordKpisRoute } from '../../../shared/api/outcomes/kpis.ts';
import { recordScores } from '../../../shared/instances/record-scores.ts';
import { serve } from '../../services/serve.ts';

serve(recordKpisRoute, async ({ body, caller, services }) => ({ data: await recordScores(services, caller, body) }));
