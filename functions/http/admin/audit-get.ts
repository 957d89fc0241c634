import { app } from '@azure/functions';
import { z } from 'zod';
import { success } from '../../../shared/http/answer.ts';
import { endpoint } from '../../../shared/http/endpoint.ts';
import { decodeRequest } from '../../../shared/http/validate.ts';
import { services } from '../../services/services.ts';

const days = z.coerce.number().int().min(1).max(3_650).default(7);

/** Whether every event of the last `?days=` is in exactly one state (D2). */
app.http('audit-get', {
  route: 'api/admin/audit',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: endpoint({ services, methods: ['GET'], access: 'admin' }, async ({ request, services }) =>
    success(await services.delivery.audit(decodeRequest(days, request.query.get('days') ?? undefined, { at: 'days' }))),
  ),
});
