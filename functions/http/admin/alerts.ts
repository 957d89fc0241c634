import { listAlertsRoute, replayAlertsRoute } from '../../../shared/api/admin/alerts.ts';
import { serve, serveChange } from '../../services/serve.ts';

serve(listAlertsRoute, async ({ services }) => ({ data: { alerts: await services.limits.alerts.listDead() } }));

serveChange(replayAlertsRoute, async ({ body, services }) => {
  const data = await services.limits.alerts.replay(body.ids);
  return { data, after: data };
});
