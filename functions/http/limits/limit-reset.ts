import { resetLimitRoute } from '../../../shared/api/limits/limits.ts';
import { resetAndRead } from '../../../shared/limits/admin/change-figures.ts';
import { lastChange } from '../../../shared/limits/admin/visible-limits.ts';
import { serveChange } from '../../services/serve.ts';

serveChange(resetLimitRoute, async ({ params, request, caller, services }) => {
  const resetId = request.headers.get('idempotency-key') ?? undefined;
  const limit = await resetAndRead(services.limits, params.id, caller.userId, resetId);
  services.telemetry.info('limit-reset', { limitId: params.id, by: caller.userId });
  return { data: limit, ...(await lastChange(services.limits, params.id)) };
});
