import { app } from '@azure/functions';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { readJson } from '../../../shared/http/json-body.ts';
import { decodeRequest } from '../../../shared/http/validate.ts';
import { correctAndRead } from '../../../shared/limits/admin/admin.ts';
import { correctionSchema } from '../../../shared/limits/admin/correct-abandoned.ts';
import { services } from '../../services/services.ts';

const MAX_BYTES = 1_000;

/** Takes back what was booked for calls whose process died, once it is known what they cost. */
app.http('limits-correct', {
  route: 'api/limits/{id}/correct',
  methods: ['POST', 'OPTIONS'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['POST'], access: 'admin' }, async ({ request, caller, services }) => {
    const limitId = request.params['id'] ?? '';
    const correction = decodeRequest(correctionSchema, await readJson(request, MAX_BYTES));
    const limit = await correctAndRead(services.limits, limitId, caller.userId, correction);
    services.telemetry.info('limit-corrected', { limitId, by: caller.userId, ...correction });
    return success(limit);
  }),
});
