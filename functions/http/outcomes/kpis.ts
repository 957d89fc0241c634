import { listKpisRoute, recordKpisRoute } from '../../../shared/api/outcomes/kpis.ts';
import { recordScores } from '../../../shared/instances/record-scores.ts';
import { declaredKpis } from '../../../shared/use-cases/kpi-facts.ts';
import { serve } from '../../services/serve.ts';

serve(recordKpisRoute, async ({ body, caller, services }) => ({ data: await recordScores(services, caller, body) }));

serve(listKpisRoute, async () => ({ data: { kpis: [...declaredKpis] } }));
