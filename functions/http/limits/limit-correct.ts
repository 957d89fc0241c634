import { correctLimitRoute } from '../../../shared/api/limits/limits.ts';
import { correctAndRead } from '../../../shared/limits/admin/change-figures.ts';
import { lastChange } from '../../../shared/limits/admin/visible-limits.ts';
import { serveChange } from '../../services/serve.ts';

serveChange(correctLimitRoute, async ({ params, body, caller, services }) => {
  const limit = await correctAndRead(services.limits, params.id, caller.userId, body);
  services.telemetry.info('limit-corrected', { limitId: params.id, by: caller.userId, ...body });
  return { data: limit, ...(await lastChange(services.limits, params.id)) };
});
