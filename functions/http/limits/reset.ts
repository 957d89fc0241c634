import { app } from '@azure/functions';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { resetAndRead } from '../../../shared/limits/admin/admin.ts';
import { services } from '../../services/services.ts';

/** With `idempotency-key` a repetition after success does nothing. */
app.http('limits-reset', {
  route: 'api/limits/{id}/reset',
  methods: ['POST', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['POST'], access: 'admin' }, async ({ request, caller, services }) => {
    const limitId = request.params['id'] ?? '';
    const resetId = request.headers.get('idempotency-key') ?? undefined;
    const limit = await resetAndRead(services.limits, limitId, caller.userId, resetId);
    services.telemetry.info('limit-reset', { limitId, by: caller.userId });
    return success(limit);
  }),
});
